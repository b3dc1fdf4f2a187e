using System;
using AhnSharp.Cpu;

namespace AhnSharp.Testing;

/// <summary>The demo model of the repository, Q8_0 with its memory in F16, loaded once for all tests that need it.</summary>
public sealed class DemoQ8 : IDisposable
{
    public static string Path => System.IO.Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf");

    public CpuModel Model { get; } = CpuModel.Load(Path);

    public void Dispose() => Model.Dispose();
}
