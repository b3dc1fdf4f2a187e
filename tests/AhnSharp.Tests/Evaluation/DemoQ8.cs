using System;
using System.IO;
using AhnSharp.Model;

namespace AhnSharp.Tests.Evaluation;

/// <summary>The demo model of the repository, Q8_0 with its memory in F16, loaded once for all tests that need it.</summary>
public sealed class DemoQ8 : IDisposable
{
    public QwenModel Model { get; } = QwenModel.Load(Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf"));

    public void Dispose() => Model.Dispose();
}
