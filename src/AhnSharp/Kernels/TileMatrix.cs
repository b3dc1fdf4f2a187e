using System;
using System.Buffers;
using System.Diagnostics;
using AhnSharp.Gguf;

namespace AhnSharp.Kernels;

/// <summary>A matrix of 16-row tiles: loading and the loop over tiles, written once for every <see cref="TileKernel"/>.</summary>
/// <remarks>
/// The tiles lie one after another, each a whole number of cache lines; rows beyond the last are zero and never written to y.
/// </remarks>
internal sealed class TileMatrix : WeightMatrix
{
    private const int PieceBytes = 1 << 18;
    private readonly TileKernel _kernel;
    private readonly NativeBuffer _tiles;
    private readonly long _tileBytes;

    /// <summary>Reads and packs the matrix.</summary>
    public TileMatrix(GgmlType type, int rows, int columns, TileKernel kernel, WeightReader read, Workers workers)
        : base(type, rows, columns)
    {
        _kernel = kernel;
        _tileBytes = PaddedTileBytes(kernel, columns);
        _tiles = NativeBuffer.ForWeights(BytesOf(kernel, rows, columns));
        try
        {
            var packing = new Packing(this, read, type.RowBytes(columns));
            workers.Run(packing, packing.Pieces);
        }
        catch
        {
            _tiles.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override long ResidentBytes => _tiles.ByteLength;

    /// <inheritdoc/>
    public override ActivationPrecision Activations =>
        _kernel.Form == ActivationForm.Sevens32 ? ActivationPrecision.SevenBits : ActivationPrecision.EightBits;

    /// <summary>Bytes that a matrix takes in the tiles of <paramref name="kernel"/>.</summary>
    public static long BytesOf(TileKernel kernel, int rows, int columns) =>
        (rows + TileKernel.Rows - 1) / TileKernel.Rows * PaddedTileBytes(kernel, columns);

    private static long PaddedTileBytes(TileKernel kernel, int columns) => (kernel.TileBytes(columns) + 63) & ~63L;

    internal override int UnitRows => TileKernel.Rows;

    internal override long UnitBytes => _tileBytes;

    /// <inheritdoc/>
    public override void Dispose() => _tiles.Dispose();

    internal override void Prepare(Workers workers, Activations x) => x.Pack(_kernel.Form, workers);

    // Tile by tile over all tokens: the tile stays in a near cache, and in decoding one stream is read from memory.
    internal override void MultiplyUnits(
        Activations x, Activations y, bool accumulate, int firstUnit, int endUnit, int firstToken, int endToken)
    {
        Debug.Assert(firstToken % 4 == 0);
        for (int tile = firstUnit; tile < endUnit; tile++)
        {
            ref readonly byte weights = ref _tiles.Ref<byte>(tile * _tileBytes, _tileBytes);
            int row = tile * TileKernel.Rows, rows = Math.Min(TileKernel.Rows, Rows - row);
            _kernel.Multiply(in weights, x, firstToken, endToken, y, row, rows, accumulate);
        }
    }

    /// <summary>The work of loading: each item reads a stretch of whole tiles and packs them.</summary>
    private sealed class Packing : IWork
    {
        private readonly TileMatrix _matrix;
        private readonly WeightReader _read;
        private readonly long _rowBytes;
        private readonly int _tilesPerPiece;
        private readonly int _tiles;

        public Packing(TileMatrix matrix, WeightReader read, long rowBytes)
        {
            (_matrix, _read, _rowBytes) = (matrix, read, rowBytes);
            _tiles = (matrix.Rows + TileKernel.Rows - 1) / TileKernel.Rows;
            _tilesPerPiece = (int)Math.Clamp(PieceBytes / (TileKernel.Rows * rowBytes), 1, _tiles);
        }

        public int Pieces => (_tiles + _tilesPerPiece - 1) / _tilesPerPiece;

        public void Run(int item, int worker)
        {
            int firstTile = item * _tilesPerPiece, endTile = Math.Min(firstTile + _tilesPerPiece, _tiles);
            int firstRow = firstTile * TileKernel.Rows, rows = Math.Min(endTile * TileKernel.Rows, _matrix.Rows) - firstRow;
            int packed = checked((int)((endTile - firstTile) * TileKernel.Rows * _rowBytes)), read = checked((int)(rows * _rowBytes));
            byte[] piece = ArrayPool<byte>.Shared.Rent(packed);
            try
            {
                _read(firstRow * _rowBytes, piece.AsSpan(0, read));
                piece.AsSpan(read, packed - read).Clear();
                int tileRows = (int)(TileKernel.Rows * _rowBytes);
                for (int tile = firstTile; tile < endTile; tile++)
                {
                    ref byte to = ref _matrix._tiles.Ref<byte>(tile * _matrix._tileBytes, _matrix._tileBytes);
                    _matrix._kernel.Pack(piece.AsSpan((tile - firstTile) * tileRows, tileRows), _matrix.Columns, ref to);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(piece);
            }
        }
    }
}
