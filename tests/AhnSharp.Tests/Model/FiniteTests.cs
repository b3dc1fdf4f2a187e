using System;
using System.IO;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>A number that is not finite is an error that names the layer where it began, and one session's leaves the others alone.</summary>
public sealed class FiniteTests
{
    // Keys of 1e5 do not fit an f16 entry: every weight is finite and of a size that the check at load takes.
    [Fact]
    public void The_layer_where_it_began_is_named()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.gguf");
        new TinyModel { Layers = 4 }.Write(path);
        Overwrite(path, "blk.2.attn_k.bias", 60_000);
        Overwrite(path, "blk.2.attn_k.weight", 30_000);
        using CpuModel model = CpuModel.Load(path, null, new ModelOptions { Threads = 1 });
        using LanguageSession session = model.CreateSession(new SessionOptions { Kv = KvType.F16 });
        InvalidModelException error = Assert.Throws<InvalidModelException>(() => model.Forward(session, [1, 2, 3]));
        Assert.StartsWith("layer 2: expected finite numbers behind token 2", error.Message, StringComparison.Ordinal);
        // Nothing was kept of the pass: the session is as it was, and in full precision the same tokens are read.
        Assert.Equal(0, session.Position);
        using LanguageSession wide = model.CreateSession(new SessionOptions { Kv = KvType.F32 });
        model.Forward(wide, [1, 2, 3]);
        Assert.Equal(3, wide.Position);
    }

    private static void Overwrite(string path, string tensor, float value)
    {
        byte[] bytes = File.ReadAllBytes(path), old;
        using (GgufFile file = GgufFile.Open(path, memoryMap: false))
        {
            GgufTensor found = file.GetTensor(tensor);
            Assert.Equal(GgmlType.F32, found.Type);
            old = new byte[found.ByteLength];
            file.ReadUnmapped(found, 0, old);
        }
        int at = bytes.AsSpan().IndexOf(old);
        for (int i = 0; i < old.Length; i += sizeof(float)) BitConverter.TryWriteBytes(bytes.AsSpan(at + i), value);
        File.WriteAllBytes(path, bytes);
    }
}
