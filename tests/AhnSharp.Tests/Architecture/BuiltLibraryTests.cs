using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace AhnSharp.Tests.Architecture;

/// <summary>The same commit gives the same bytes in every folder; tests/reproducible compares them whole, in minutes.</summary>
public sealed class BuiltLibraryTests
{
    [ReleaseFact]
    public void No_library_holds_the_folder_that_it_was_built_in()
    {
        string[] files =
            [.. Directory.GetFiles(AppContext.BaseDirectory, "AhnSharp*").Where(path => Path.GetExtension(path) is ".dll" or ".pdb")];
        Assert.Contains(files, path => Path.GetFileName(path) == "AhnSharp.dll");
        Assert.Contains(files, path => Path.GetFileName(path) == "AhnSharp.pdb");
        string folder = Fixture.Repository + Path.DirectorySeparatorChar;
        FileShapeTests.AssertNone(
            files.Where(path => Holds(path, folder)).Select(path => $"{Path.GetFileName(path)}: found {folder} in it"));
    }

    private static bool Holds(string path, string folder)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        return bytes.IndexOf(Encoding.UTF8.GetBytes(folder)) >= 0 || bytes.IndexOf(Encoding.Unicode.GetBytes(folder)) >= 0;
    }
}
