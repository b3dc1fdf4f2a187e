using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>
/// Random blocks that decode to weights of a wanted size: random bits everywhere, and scales chosen so that the sizes come out.
/// </summary>
internal static class RandomBlocks
{
    private const int ChunkLength = 4096;

    public static void Fill(GgmlType type, Random random, Span<byte> blocks, float scale)
    {
        // A Random with a seed draws 150 MB/s, and synthetic models are gigabytes: it only seeds the generator here.
        Span<byte> seed = stackalloc byte[8];
        random.NextBytes(seed);
        ulong state = BinaryPrimitives.ReadUInt64LittleEndian(seed);
        if (type.BlockLength() == 1) FillFloats(type, ref state, blocks, scale);
        else FillBlocks(type, ref state, blocks, scale);
    }

    // A sum of four uniform bytes is near enough to a normal distribution, and cheap to draw.
    private static void FillFloats(GgmlType type, ref ulong state, Span<byte> blocks, float scale)
    {
        float perUnit = scale / MathF.Sqrt(4 * (65536 - 1) / 12f);
        Span<float> w = new float[ChunkLength];
        while (!blocks.IsEmpty)
        {
            int count = Math.Min(ChunkLength, blocks.Length / type.BlockBytes());
            for (int i = 0; i < count; i++)
            {
                ulong draw = Next(ref state);
                w[i] = perUnit * ((int)((draw & 0xFF) + (draw >> 8 & 0xFF) + (draw >> 16 & 0xFF) + (draw >> 24 & 0xFF)) - 510);
            }
            Quantization.Quantize(type, w[..count], blocks[..(count * type.BlockBytes())]);
            blocks = blocks[(count * type.BlockBytes())..];
        }
    }

    private static void FillBlocks(GgmlType type, ref ulong state, Span<byte> blocks, float scale)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(blocks);
        for (int i = 0; i < words.Length; i++) words[i] = Next(ref state);
        for (int i = 8 * words.Length; i < blocks.Length; i++) blocks[i] = (byte)Next(ref state);
        if (type == GgmlType.Q8_0) blocks.Replace((byte)0x80, (byte)0x81);       // no encoder writes −128

        BlockScales scales = QuantFormats.Of(type).Scales!.Value;
        for (; !blocks.IsEmpty; blocks = blocks[type.BlockBytes()..])
        {
            // Scales differ from block to block, so that a kernel that takes a neighbour's is found out.
            float d = scale / scales.RandomSize * (0.75f + 0.5f * (Next(ref state) >> 40) / (1 << 24));
            BinaryPrimitives.WriteHalfLittleEndian(blocks[scales.ScaleAt..], (Half)d);
            if (scales.MinAt >= 0) BinaryPrimitives.WriteHalfLittleEndian(blocks[scales.MinAt..], (Half)(scales.MinPerScale * d));
        }
    }

    // SplitMix64 (Steele, Lea, Flood 2014).
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
