using System;
using System.Collections.Generic;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>Launches products of many tokens with panels of halves on GPUs of compute capability 9.0.</summary>
/// <remarks>
/// An H200 multiplied 1,024 tokens by W_gate and W_up of a 7B model at 692 TFLOP/s, cuBLAS at 724, <see cref="MatrixTile"/> at 219. Kernels
/// are loaded when first wanted, and live as long as the accelerator's context.
/// </remarks>
internal sealed class HopperProducts
{
    private readonly CudaAccelerator _accelerator;
    private readonly Dictionary<(int Rows, bool SwiGlu), RawKernel> _kernels = [];

    private HopperProducts(CudaAccelerator accelerator) => _accelerator = accelerator;

    /// <summary>The device, or null if it is another: sm_90a's instructions are there on 9.0 alone.</summary>
    public static CudaAccelerator? DeviceOf(Accelerator accelerator) =>
        accelerator is CudaAccelerator { Architecture: { Major: 9, Minor: 0 } } cuda ? cuda : null;

    /// <summary>The launches, or null for another GPU.</summary>
    public static HopperProducts? Create(Accelerator accelerator) => DeviceOf(accelerator) is { } cuda ? new HopperProducts(cuda) : null;

    /// <summary>Whether a matrix's results can be stored: pairs of rows lie at even places.</summary>
    public static bool Takes(ProductPart part, int columns) => part.Rows % 2 == 0 && columns % Panels.Columns == 0;

    /// <summary>Tokens times up to four matrices beside each other in panels.</summary>
    /// <param name="x">Panels of tokens, rows in whole <see cref="ProductText.Tokens"/>.</param>
    /// <param name="weights">Panels of weights.</param>
    /// <param name="weightRows">Rows of a panel of weights.</param>
    /// <param name="matrices">Row of the panels that each begins with, its rows there, and results.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="columns">A multiple of <see cref="Panels.Columns"/>.</param>
    public void Linear(HalfRows x, ArrayView<Word4> weights, int weightRows,
        ReadOnlySpan<(int FirstRow, int Rows, int FirstResult, ProductPart Part)> matrices, int tokens, int columns)
    {
        var (narrow, wide) = (0, 0);
        foreach ((_, int count, _, _) in matrices) (narrow, wide) = (narrow + Tiles(count, 128), wide + Tiles(count, 256));
        int rows = RowsOfTile(Tiles(tokens, ProductText.Tokens), narrow, wide), tiles = 0;
        ProductArguments arguments = ArgumentsOf(x, weights, weightRows, tokens, columns);
        for (int i = 0; i < ProductArguments.MostSegments; i++)
        {
            if (i >= matrices.Length)
            {
                arguments.Matrices[i].FirstTile = int.MaxValue;
                continue;
            }
            (int firstRow, int count, int firstResult, ProductPart part) = matrices[i];
            arguments.Matrices[i] = SegmentOf(part, firstResult, count) with { First = firstRow, FirstTile = tiles };
            tiles += Tiles(count, rows);
        }
        Launch(rows, false, arguments, tiles);
    }

    /// <summary>Output [tokens, F] ← SiLU(W_gate x) ⊙ (W_up x); rows of the panels are eight of one, eight of the other.</summary>
    /// <param name="x">Panels of tokens.</param>
    /// <param name="weights">Panels of weights.</param>
    /// <param name="rows">Rows there, a multiple of 16.</param>
    /// <param name="firstResult">Column of the output that they begin with.</param>
    /// <param name="part">Output and F.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="columns">A multiple of <see cref="Panels.Columns"/>.</param>
    public void SwiGlu(
        HalfRows x, ArrayView<Word4> weights, int rows, int firstResult, ProductPart part, int tokens, int columns)
    {
        int tile = RowsOfTile(Tiles(tokens, ProductText.Tokens), Tiles(rows, 128), Tiles(rows, 256));
        ProductArguments arguments = ArgumentsOf(x, weights, rows, tokens, columns);
        arguments.Matrices[0] = SegmentOf(part, firstResult, rows / 2);
        for (int i = 1; i < ProductArguments.MostSegments; i++) arguments.Matrices[i].FirstTile = int.MaxValue;
        Launch(tile, true, arguments, Tiles(rows, tile));
    }

    // A wave of tiles of 256 rows takes 1.9 times one of 128 (H200: 24 and 46 µs of 3,584 columns).
    private int RowsOfTile(int tokenTiles, int narrow, int wide)
    {
        int groups = _accelerator.NumMultiprocessors;
        return 1.9 * Tiles(tokenTiles * wide, groups) < Tiles(tokenTiles * narrow, groups) ? 256 : 128;
    }

    private static int Tiles(int count, int size) => (count + size - 1) / size;

    private static ProductArguments ArgumentsOf(HalfRows x, ArrayView<Word4> weights, int weightRows, int tokens, int columns) => new()
    {
        X = x.Values.LoadEffectiveAddressAsPtr(),
        Scales = x.Scales.LoadEffectiveAddressAsPtr(),
        W = weights.LoadEffectiveAddressAsPtr(),
        Tokens = tokens,
        XRows = Tiles(tokens, ProductText.Tokens) * ProductText.Tokens,
        WRows = weightRows,
        Blocks = columns / Panels.Columns,
        TokenTiles = Tiles(tokens, ProductText.Tokens),
    };

    private static ProductSegment SegmentOf(ProductPart part, int firstResult, int rows) => new()
    {
        Output = part.Output.LoadEffectiveAddressAsPtr() + 4L * firstResult,
        Bias = part.Bias.LoadEffectiveAddressAsPtr() + 4L * firstResult,
        Rows = rows,
        Pitch = part.Rows,
        Flags = part.HasBias | (part.Accumulate << 1),
    };

    private void Launch(int rows, bool swiGlu, ProductArguments arguments, int tilesOfRows)
    {
        arguments.Tiles = tilesOfRows * arguments.TokenTiles;
        if (!_kernels.TryGetValue((rows, swiGlu), out RawKernel? kernel))
        {
            kernel = new RawKernel(
                _accelerator, $"a product, {rows} rows a tile{(swiGlu ? ", with SwiGLU" : "")},", ProductText.Of(rows, swiGlu),
                ProductText.Name, ProductText.Threads, ProductText.SharedBytes(rows));
            _kernels[(rows, swiGlu)] = kernel;
        }
        kernel.Launch(Math.Min(_accelerator.NumMultiprocessors, arguments.Tiles), 1, arguments);
    }
}
