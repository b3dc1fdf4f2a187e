using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Quants;
using Xunit;

namespace AhnSharp.Tests.Quants;

/// <summary>Every format against what ggml d99724f2 makes of the same bytes: bit for bit, in both directions.</summary>
public sealed class GoldenBlockTests
{
    private static readonly Lazy<List<Record>> Records = new(ReadRecords);

    public static TheoryData<GgmlType> Decoded => Types(r => !r.IsEncoding);

    public static TheoryData<GgmlType> Encoded => Types(r => r.IsEncoding);

    [Theory]
    [MemberData(nameof(Decoded))]
    public void Decoding_equals_ggml(GgmlType type)
    {
        Record golden = Records.Value.Single(r => r.Type == type && !r.IsEncoding);
        float[] w = new float[golden.Weights.Length];
        Quantization.Dequantize(type, golden.Bytes, w);
        for (int i = 0; i < w.Length; i++)
        {
            Assert.True(Bits(w[i]) == Bits(golden.Weights[i]), $"{type} weight {i}: ggml has {golden.Weights[i]:R}, found {w[i]:R}");
        }
    }

    [Theory]
    [MemberData(nameof(Encoded))]
    public void Encoding_equals_ggml(GgmlType type)
    {
        Record golden = Records.Value.Single(r => r.Type == type && r.IsEncoding);
        byte[] bytes = new byte[golden.Bytes.Length];
        Quantization.Quantize(type, golden.Weights, bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.True(bytes[i] == golden.Bytes[i], $"{type} byte {i}: ggml has {golden.Bytes[i]}, found {bytes[i]}");
        }
    }

    [Fact]
    public void Every_format_is_in_the_fixture()
    {
        Assert.Equal(
            Enum.GetValues<GgmlType>().Where(t => t != GgmlType.F32), Records.Value.Where(r => !r.IsEncoding).Select(r => r.Type).Order());
        Assert.Equal([GgmlType.F16, GgmlType.Q8_0, GgmlType.BF16], Records.Value.Where(r => r.IsEncoding).Select(r => r.Type).Order());
    }

    private static uint Bits(float x) => BitConverter.SingleToUInt32Bits(x);

    private static TheoryData<GgmlType> Types(Func<Record, bool> wanted) => [.. Records.Value.Where(wanted).Select(r => r.Type)];

    private static List<Record> ReadRecords()
    {
        List<Record> records = [];
        using BinaryReader reader = new(File.OpenRead(Fixture.File("ggml-blocks.bin")));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            bool isEncoding = reader.ReadUInt32() == 1;
            GgmlType type = (GgmlType)reader.ReadUInt32();
            int weights = reader.ReadInt32(), bytes = reader.ReadInt32();
            byte[] block = reader.ReadBytes(bytes);
            float[] w = MemoryMarshal.Cast<byte, float>(reader.ReadBytes(4 * weights)).ToArray();
            records.Add(new Record(isEncoding, type, block, w));
        }
        return records;
    }

    private sealed record Record(bool IsEncoding, GgmlType Type, byte[] Bytes, float[] Weights);
}
