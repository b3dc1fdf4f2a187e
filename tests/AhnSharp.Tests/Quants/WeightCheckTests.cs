using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Quants;
using Xunit;

namespace AhnSharp.Tests.Quants;

/// <summary>NaN, infinities and absurd scales in weights: found where they stand, in every format, at load.</summary>
public sealed class WeightCheckTests
{
    public static TheoryData<GgmlType> Types =>
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q8_0, GgmlType.Q2_K,
        GgmlType.Q3_K, GgmlType.Q4_K,
        GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ4_NL, GgmlType.IQ4_XS,
    ];

    // Whatever a block's bytes decode to is the definition: random bytes in every place, where the check must agree with the
    // decoder about NaN and infinity.
    [Theory]
    [MemberData(nameof(Types))]
    public void The_check_agrees_with_the_decoder(GgmlType type)
    {
        Random random = new(5);
        int blockBytes = type.BlockBytes(), length = type.BlockLength();
        byte[] sane = new byte[blockBytes * 37];
        Quantization.FillRandom(type, random, sane, 0.05f);
        Assert.Equal(-1, WeightCheck.FirstBroken(type, sane));
        byte[] blocks = new byte[blockBytes * 37];
        float[] weights = new float[length];
        int broken = 0;
        for (int round = 0; round < 400; round++)
        {
            sane.CopyTo(blocks, 0);
            int block = random.Next(37), at = block * blockBytes + random.Next(blockBytes) / 2 * 2;
            BitConverter.TryWriteBytes(blocks.AsSpan(Math.Min(at, blocks.Length - 2)), (ushort)random.Next(0x7C00, 0x8000));
            Quantization.Dequantize(type, blocks.AsSpan(block * blockBytes, blockBytes), weights);
            bool isBroken = weights.Any(weight => !float.IsFinite(weight) || MathF.Abs(weight) > WeightCheck.Largest);
            int found = WeightCheck.FirstBroken(type, blocks);
            if (isBroken) Assert.Equal(block, found);
            if (found >= 0) broken++;
        }
        Assert.True(broken > 0, $"{broken} of 400 were found");
    }

    [Fact]
    public void Absurd_scales_are_found_and_large_ones_are_not()
    {
        byte[] blocks = new byte[34 * 4];
        Array.Fill(blocks, (byte)100);
        for (int i = 0; i < 4; i++) BitConverter.TryWriteBytes(blocks.AsSpan(34 * i), (Half)2);
        Assert.Equal(-1, WeightCheck.FirstBroken(GgmlType.Q8_0, blocks));
        BitConverter.TryWriteBytes(blocks.AsSpan(34 * 2), Half.MaxValue);
        Assert.Equal(2, WeightCheck.FirstBroken(GgmlType.Q8_0, blocks));
        Assert.Equal(7, WeightCheck.FirstBroken(GgmlType.F32, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(
            [1, -2, 3, 0, -65536, 65536, 1e-30f, 7e4f, float.NaN])));
    }

    [Fact]
    public async Task A_model_with_such_a_weight_is_refused_with_its_place()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.gguf");
        foreach (string name in new[] { "blk.1.ffn_down.weight", "blk.0.attn_q.weight", "blk.3.attn_norm.weight", "token_embd.weight" })
        {
            File.Copy(DemoText.ModelPath, path, overwrite: true);
            long at, row;
            GgmlType type;
            using (GgufFile file = GgufFile.Open(path, memoryMap: false))
            {
                GgufTensor tensor = file.GetTensor(name);
                type = tensor.Type;
                row = tensor.Shape.Length > 1 ? 5 : 0;
                at = OffsetOf(path, file, tensor) + row * type.RowBytes(tensor.RowLength) + 2L * type.BlockBytes();
            }
            byte[] bytes = await File.ReadAllBytesAsync(path);
            if (type == GgmlType.F32) BitConverter.TryWriteBytes(bytes.AsSpan((int)at), float.NaN);
            else BitConverter.TryWriteBytes(bytes.AsSpan((int)at), Half.PositiveInfinity);
            await File.WriteAllBytesAsync(path, bytes);
            string place = $"in row {row}, column {2 * type.BlockLength()}";
            InvalidModelException refused = Assert.Throws<InvalidModelException>(() => CpuModel.Load(path).Dispose());
            Assert.StartsWith(name, refused.Message, StringComparison.Ordinal);
            Assert.Contains(place, refused.Message, StringComparison.Ordinal);
        }
    }

    // The data of a tensor begins where its own first bytes are found: the header does not tell the place in the file.
    private static long OffsetOf(string path, GgufFile file, GgufTensor tensor)
    {
        byte[] start = new byte[Math.Min(tensor.ByteLength, 256)];
        file.ReadUnmapped(tensor, 0, start);
        return File.ReadAllBytes(path).AsSpan().IndexOf(start);
    }
}
