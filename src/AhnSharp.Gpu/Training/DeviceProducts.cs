using System;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// Matrix products of a training step: on matrix units where the device has them, and in f32 where precision is asked for.
/// </summary>
internal sealed class DeviceProducts
{
    // Enough for a tile's worth of work, and so few that the sum of all pieces costs nothing.
    private const int PieceDepth = 256, MaxGridRows = 65535;
    private readonly Lazy<Action<KernelConfig, Operand, Operand, Operand, ArrayView<float>, ProductSize>> _tiles;
    private readonly Lazy<Action<KernelConfig, Operand, Operand, Operand, ArrayView<float>, ProductSize>>? _tensor;
    private readonly int _threads, _edge;

    /// <param name="accelerator">The device.</param>
    /// <param name="threads">Threads of a group of the products in f32: a power of 4, 256 at most.</param>
    /// <param name="usesTensor">Whether products may run on matrix units; only of warps of 32 threads.</param>
    public DeviceProducts(Accelerator accelerator, int threads, bool usesTensor)
    {
        _threads = threads;
        _edge = 4;
        for (int rest = threads; rest > 1; rest /= 4) _edge *= 2;
        _tiles = new(() => accelerator.LoadStreamKernel<Operand, Operand, Operand, ArrayView<float>, ProductSize>(TileProduct.Run));
        if (usesTensor)
            _tensor = new(() => accelerator.LoadStreamKernel<Operand, Operand, Operand, ArrayView<float>, ProductSize>(TensorProduct.Run));
    }

    /// <summary>Whether a device has the instructions of <see cref="TensorProduct"/>: NVIDIA's from Ampere on.</summary>
    public static bool HasTensor(Accelerator accelerator) =>
        accelerator is CudaAccelerator { Architecture: { } architecture } && architecture >= CudaArchitecture.SM_80;

    /// <summary>C [rows, columns] (+)= A [rows, depth] · B [depth, columns] (+ bias), for every batch.</summary>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C; its columns lie one behind the other.</param>
    /// <param name="size">Rows, columns and depth.</param>
    /// <param name="batches">Products.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    /// <param name="bias">[columns], or empty: none.</param>
    /// <param name="isPrecise">Whether entries must not be rounded.</param>
    public void Multiply(
        Operand a, Operand b, Operand c, (int Rows, int Columns, int Depth) size, int batches = 1, bool accumulate = false,
        ArrayView<float> bias = default, bool isPrecise = false) => Run(
            a, b, c, bias, new ProductSize
            {
                Rows = size.Rows,
                Columns = size.Columns,
                Depth = size.Depth,
                Piece = size.Depth,
                Pieces = 1,
                Accumulates = accumulate ? 1 : 0,
                HasBias = bias.Length > 0 ? 1 : 0,
            },
            batches, isPrecise);

    /// <summary>Pieces that a long sum is cut into.</summary>
    public static int Pieces(int depth) => (depth + PieceDepth - 1) / PieceDepth;

    /// <summary>The same for a long sum with few results: every piece of the depth has a C of its own, and those stand behind each
    /// other, [pieces][batches · rows · columns].</summary>
    public void MultiplyInPieces(
        Operand a, Operand b, ArrayView<float> pieces, (int Rows, int Columns, int Depth) size, int batches = 1, bool isPrecise = false)
    {
        Operand c = Operand.Of(pieces, size.Columns, size.Rows * size.Columns);
        Run(a, b, c, default, new ProductSize
        {
            Rows = size.Rows,
            Columns = size.Columns,
            Depth = size.Depth,
            Piece = PieceDepth,
            Pieces = Pieces(size.Depth),
            PieceStride = batches * size.Rows * size.Columns,
        },
        batches, isPrecise);
    }

    private void Run(Operand a, Operand b, Operand c, ArrayView<float> bias, ProductSize size, int batches, bool isPrecise)
    {
        if (size.Rows < 1 || size.Columns < 1) return;
        bool usesTensor = _tensor is not null && !isPrecise;
        int edge = usesTensor ? TensorProduct.Size : _edge;
        (size.LoadsFourOfA, size.LoadsFourOfB) = (a.IsAligned ? 1 : 0, b.IsAligned ? 1 : 0);
        var grid = new Index3D((size.Columns + edge - 1) / edge, (size.Rows + edge - 1) / edge, batches * size.Pieces);
        if (grid.Y > MaxGridRows || grid.Z > MaxGridRows)
            throw new ArgumentOutOfRangeException(nameof(size), $"A product of {size.Rows} rows and {grid.Z} batches is too large.");
        // A view of nothing is not to be passed: what stands in is not read.
        ArrayView<float> added = bias.Length > 0 ? bias : c.Values;
        if (usesTensor) _tensor!.Value(new KernelConfig(grid, new Index3D(TensorProduct.Threads, 1, 1)), a, b, c, added, size);
        else _tiles.Value(new KernelConfig(grid, new Index3D(_threads, 1, 1)), a, b, c, added, size);
    }
}
