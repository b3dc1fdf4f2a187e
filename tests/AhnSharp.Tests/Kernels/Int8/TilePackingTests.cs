using System;
using System.Buffers.Binary;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Kernels.Int8;
using AhnSharp.Quants;
using Xunit;

namespace AhnSharp.Tests.Kernels.Int8;

/// <summary>
/// Packing loses nothing: reading a tile by its documented layout, byte by byte, gives the weights of the file to the bit.
/// </summary>
public class TilePackingTests
{
    private const int Blocks = 3;

    [Fact]
    public void Q8_0() => Holds<Q8_0Tile>((tile, lane, k) => Half(tile, 2 * lane) * (sbyte)tile[32 + 64 * (k / 4) + 4 * lane + k % 4]);

    [Fact]
    public void Q4_0() => Holds<Q4_0Tile>((tile, lane, k) => Half(tile, 2 * lane) * (Nibble(tile[32..], lane, k) - 8));

    [Fact]
    public void Q5_0() => Holds<Q5_0Tile>((tile, lane, k) => Half(tile, 2 * lane) * (FiveBits(tile[32..], lane, k) - 16));

    [Fact]
    public void Q4_1() =>
        Holds<Q4_1Tile>((tile, lane, k) => Half(tile, 2 * lane) * Nibble(tile[64..], lane, k) + Half(tile, 32 + 2 * lane));

    [Fact]
    public void Q5_1() =>
        Holds<Q5_1Tile>((tile, lane, k) => Half(tile, 2 * lane) * FiveBits(tile[64..], lane, k) + Half(tile, 32 + 2 * lane));

    [Fact]
    public void Q2_K() => Holds<Q2_KTile>((tile, lane, k) =>
    {
        ReadOnlySpan<byte> sub = tile[(64 + 160 * (k / 32))..];
        byte scaleAndMin = sub[16 * (k / 16 % 2) + lane];
        return Half(tile, 2 * lane) * (scaleAndMin & 0xF) * TwoBits(sub[32..], lane, k % 32)
            - Half(tile, 32 + 2 * lane) * (scaleAndMin >> 4);
    });

    [Fact]
    public void Q3_K() => Holds<Q3_KTile>((tile, lane, k) =>
    {
        ReadOnlySpan<byte> sub = tile[(32 + 224 * (k / 32))..];
        int q = TwoBits(sub[96..], lane, k % 32) | (sub[32 + 4 * lane + k % 4] >> (k % 32 / 4) & 1) << 2;
        return Half(tile, 2 * lane) * (sbyte)sub[16 * (k / 16 % 2) + lane] * (q - 4);
    });

    [Fact]
    public void Q4_K() => Holds<Q4_KTile>((tile, lane, k) => WithMin(tile, lane, k, Nibble(tile[(320 + 256 * (k / 32))..], lane, k % 32)));

    [Fact]
    public void Q5_K() =>
        Holds<Q5_KTile>((tile, lane, k) => WithMin(tile, lane, k, FiveBits(tile[(320 + 320 * (k / 32))..], lane, k % 32)));

    [Fact]
    public void Q6_K() => Holds<Q6_KTile>((tile, lane, k) =>
    {
        ReadOnlySpan<byte> sub = tile[(32 + 416 * (k / 32))..];
        int q = Nibble(sub[160..], lane, k % 32) | TwoBits(sub[32..], lane, k % 32) << 4;
        return Half(tile, 2 * lane) * (sbyte)sub[16 * (k / 16 % 2) + lane] * (q - 32);
    });

    [Fact]
    public void IQ4_NL() => Holds<IQ4_NLTile>((tile, lane, k) => Half(tile, 2 * lane) * BlockIQ4_NL.Values[Nibble(tile[32..], lane, k)]);

    [Fact]
    public void IQ4_XS() => Holds<IQ4_XSTile>((tile, lane, k) =>
    {
        ReadOnlySpan<byte> sub = tile[(32 + 272 * (k / 32))..];
        return Half(tile, 2 * lane) * (sbyte)sub[lane] * BlockIQ4_NL.Values[Nibble(sub[16..], lane, k % 32)];
    });

    [Fact]
    public void Tiles_take_at_most_4_percent_more_memory_than_the_file()
    {
        Assert.Equal(16 * 34, Q8_0Tile.TileBlockBytes);
        Assert.Equal(16 * 18, Q4_0Tile.TileBlockBytes);
        Assert.Equal(16 * 22, Q5_0Tile.TileBlockBytes);
        Assert.Equal(16 * 20, Q4_1Tile.TileBlockBytes);
        Assert.Equal(16 * 24, Q5_1Tile.TileBlockBytes);
        Assert.Equal(16 * 84, Q2_KTile.TileBlockBytes);
        Assert.InRange(Q3_KTile.TileBlockBytes, 16 * 110, 16 * 110 * 1.04);
        Assert.InRange(Q4_KTile.TileBlockBytes, 16 * 144, 16 * 144 * 1.03);
        Assert.InRange(Q5_KTile.TileBlockBytes, 16 * 176, 16 * 176 * 1.03);
        Assert.Equal(16 * 210, Q6_KTile.TileBlockBytes);
        Assert.Equal(16 * 18, IQ4_NLTile.TileBlockBytes);
        Assert.InRange(IQ4_XSTile.TileBlockBytes, 16 * 136, 16 * 136 * 1.02);
    }

    private delegate float WeightOf(ReadOnlySpan<byte> tileBlock, int lane, int k);

    private static void Holds<F>(WeightOf weight) where F : struct, ITileFormat
    {
        Assert.Equal(F.Type.BlockLength(), F.BlockLength);
        Assert.Equal(F.Type.BlockBytes(), F.RowBlockBytes);
        int columns = Blocks * F.BlockLength, rowBytes = Blocks * F.RowBlockBytes;
        byte[] rows = new byte[TileKernel.Rows * rowBytes];
        Quantization.FillRandom(F.Type, new Random(11), rows, 0.1f);
        byte[] tile = new byte[Blocks * F.TileBlockBytes];
        TileBits.PackRows<F>(rows, Blocks, ref tile[0]);

        float[] expected = new float[columns];
        for (int lane = 0; lane < TileKernel.Rows; lane++)
        {
            Quantization.Dequantize(F.Type, rows.AsSpan(lane * rowBytes, rowBytes), expected);
            for (int k = 0; k < columns; k++)
            {
                ReadOnlySpan<byte> tileBlock = tile.AsSpan(k / F.BlockLength * F.TileBlockBytes, F.TileBlockBytes);
                Assert.Equal(expected[k], weight(tileBlock, lane, k % F.BlockLength));
            }
        }
    }

    private static float Half(ReadOnlySpan<byte> tile, int byteOffset) => (float)BinaryPrimitives.ReadHalfLittleEndian(tile[byteOffset..]);

    private static int Nibble(ReadOnlySpan<byte> vectors, int lane, int k) =>
        vectors[64 * (k / 8) + 4 * lane + k % 4] >> (k / 4 % 2 * 4) & 0xF;

    private static int TwoBits(ReadOnlySpan<byte> vectors, int lane, int k) =>
        vectors[64 * (k / 16) + 4 * lane + k % 4] >> (k / 4 % 4 * 2) & 3;

    private static int FiveBits(ReadOnlySpan<byte> subBlock, int lane, int k) =>
        Nibble(subBlock[64..], lane, k) | (subBlock[4 * lane + k % 4] >> (k / 4) & 1) << 4;

    private static float WithMin(ReadOnlySpan<byte> tile, int lane, int k, int q)
    {
        int s = k / 32;
        return Half(tile, 2 * lane) * tile[64 + 16 * s + lane] * q
            - Half(tile, 32 + 2 * lane) * tile[192 + 32 * (s / 2) + 2 * lane + s % 2];
    }
}
