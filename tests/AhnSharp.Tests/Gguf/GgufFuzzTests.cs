using System;
using System.Buffers.Binary;
using System.IO;
using AhnSharp.Gguf;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Gguf;

/// <summary>Thousands of broken files with a fixed seed: each opens, or is one sentence, within memory in proportion to the file.</summary>
public sealed class GgufFuzzTests(ITestOutputHelper output)
{
    private const int Mutations = 6_000;

    [Fact]
    public void Any_broken_file_is_one_sentence()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("m.gguf");
        byte[] whole = Whole();
        Random random = new(20251007);
        long worst = 0;
        int opened = 0, refused = 0;
        for (int i = -1; i < Mutations; i++)
        {
            byte[] bytes = i < 0 ? whole : Mutate(random, whole);
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using GgufFile file = GgufFile.Open(path, memoryMap: i % 8 == 0);
                ReadAll(file);
                opened++;
            }
            catch (InvalidModelException error)
            {
                refused++;
                Assert.StartsWith(path, error.Message);
                Assert.EndsWith(".", error.Message);
                Assert.DoesNotContain('\n', error.Message);
                Assert.InRange(error.Message.Length, path.Length + 10, path.Length + 600);
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (i > 0) worst = Math.Max(worst, allocated - 16 * bytes.Length);
            Assert.True(i <= 0 || allocated <= 16 * bytes.Length + (64 << 10),
                $"mutation {i}: {allocated} bytes allocated for a file of {bytes.Length}");
        }
        output.WriteLine($"{opened} opened, {refused} refused; at most 16 × the file + {worst} bytes allocated");
        Assert.InRange(opened, Mutations / 100, Mutations * 9 / 10);
    }

    private static void ReadAll(GgufFile file)
    {
        byte[] buffer = new byte[256];
        foreach (GgufTensor tensor in file.Tensors)
        {
            for (long at = 0; at < tensor.ByteLength; at += buffer.Length)
            {
                file.Read(tensor, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.ByteLength - at)));
            }
        }
    }

    private static byte[] Mutate(Random random, byte[] whole)
    {
        byte[] bytes = [.. whole];
        int header = whole.Length - 256;
        int changes = 1 + random.Next(3);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(header);
            switch (random.Next(7))
            {
                case 0: bytes[Math.Min(at, bytes.Length - 1)] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[Math.Min(at, bytes.Length - 1)] = (byte)random.Next(256); break;
                case 2: bytes = bytes[..random.Next(1, bytes.Length + 1)]; break;
                case 3: bytes = [.. bytes, .. new byte[random.Next(1, 100)]]; break;
                case 4:
                    bytes =
                    [.. bytes[..Math.Min(at, bytes.Length)], .. new byte[random.Next(1, 9)], .. bytes[Math.Min(at, bytes.Length)..]]; break;
                case 5: PutNumber(random, bytes, 8 + 8 * random.Next(2)); break;
                default: PutNumber(random, bytes, at); break;
            }
        }
        return bytes;
    }

    // Counts, lengths, sizes and offsets are 64-bit numbers: the edges of their range, and small changes.
    private static void PutNumber(Random random, byte[] bytes, int at)
    {
        if (at > bytes.Length - 8) return;
        Span<byte> place = bytes.AsSpan(at, 8);
        ulong old = BinaryPrimitives.ReadUInt64LittleEndian(place);
        ulong[] numbers =
        [
            0, 1, ulong.MaxValue, long.MaxValue, 1UL << 63, 1UL << 31, 1UL << 32, int.MaxValue,
            1UL << random.Next(64), old + 1, old - 1, old * 2,
        ];
        BinaryPrimitives.WriteUInt64LittleEndian(place, numbers[random.Next(numbers.Length)]);
    }

    private static byte[] Whole()
    {
        GgufWriter writer = new(alignment: 64);
        writer.Add("general.architecture", "qwen2");
        writer.Add("qwen2.block_count", 2u);
        writer.Add("eps", 1e-6f);
        writer.Add("flag", true);
        writer.Add("tokenizer.ggml.tokens", ["a", "b", "ζ", "", "<|im_end|>"]);
        writer.Add("tokenizer.ggml.token_type", [1, 1, 1, 3]);
        writer.AddValue("bools", (bool[])[true, false]);
        writer.AddValue("nested", (Array[])[(byte[])[1, 2, 3], (string[])["x"]]);
        writer.AddTensor("token_embd.weight", GgmlType.Q8_0, [32, 3], stream => stream.Write(new byte[102]));
        writer.AddTensor("blk.0.attn_norm.weight", GgmlType.F32, [16], stream => stream.Write(new byte[64]));
        writer.AddTensor("output.weight", GgmlType.F16, [4, 2, 1], stream => stream.Write(new byte[16]));
        using MemoryStream stream = new();
        writer.Write(stream);
        return stream.ToArray();
    }
}
