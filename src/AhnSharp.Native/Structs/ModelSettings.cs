using System.Runtime.InteropServices;
using AhnSharp.Sessions;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_model_options.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ModelSettings
{
    public nuint Size;
    public byte* AhnPath;
    public int Threads, ChunkTokens, NoMmap, IgnoreFingerprint;
    public delegate* unmanaged[Cdecl]<void*, int> Stop;
    public void* StopUser;

    internal readonly ModelOptions ToOptions()
    {
        ModelOptions defaults = new();
        return new ModelOptions
        {
            Threads = Require.AtLeastOneOr(Threads, defaults.Threads, "threads", Require.MaxThreads),
            ChunkTokens = Require.AtLeastOneOr(ChunkTokens, defaults.ChunkTokens, "chunk_tokens", Require.MaxChunkTokens),
            MemoryMap = !Require.Flag(NoMmap, "no_mmap"),
            IgnoreFingerprint = Require.Flag(IgnoreFingerprint, "ignore_fingerprint"),
        };
    }
}
