using System;
using System.IO;

namespace AhnSharp.Tests.Cli;

/// <summary>A folder for the files of one test, gone when it ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("ahn-").FullName;

    public string PathOf(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
