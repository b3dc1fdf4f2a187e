using System;
using System.IO;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Testing;

/// <summary>A tiny model written to a temporary file and loaded.</summary>
internal sealed class TinyModelFile : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ahn-tiny-{Guid.NewGuid():N}.gguf");

    public TinyModelFile(TinyModel tiny, int threads = 2, int chunk = 64)
    {
        tiny.Write(_path);
        Model = CpuModel.Load(_path, null, new ModelOptions { Threads = threads, ChunkTokens = chunk });
    }

    public CpuModel Model { get; }

    public void Dispose()
    {
        Model.Dispose();
        File.Delete(_path);
    }
}
