using System;
using AhnSharp.Kernels;

namespace AhnSharp.Training;

/// <summary>Work of the thread team as a body, and the few things that every pass backwards does with it.</summary>
/// <remarks>How work is cut follows from its shapes alone, never from the number of threads: so no bit does.</remarks>
internal static class TeamWork
{
    /// <summary>Rows of activations that one item takes.</summary>
    public const int RowsPerItem = 64;

    private const int Tile = 32;

    /// <summary>Runs <paramref name="body"/> for items 0 … <paramref name="items"/> − 1; its second argument is the worker.</summary>
    public static void For(this Workers workers, int items, Action<int, int> body) => workers.Run(new Items(body), items);

    /// <summary>
    /// Runs <paramref name="body"/> for stretches of <see cref="RowsPerItem"/> of <paramref name="rows"/>: first, end, worker.
    /// </summary>
    public static void ForRows(this Workers workers, int rows, Action<int, int, int> body) =>
        workers.For((rows + RowsPerItem - 1) / RowsPerItem, (item, worker) =>
            body(item * RowsPerItem, Math.Min((item + 1) * RowsPerItem, rows), worker));

    /// <summary>y [columns, rows] = xᵀ; x: [rows, columns], rows one behind the other.</summary>
    public static void Transpose(this Workers workers, float[] x, int rows, int columns, float[] y) =>
        workers.For((columns + Tile - 1) / Tile, (item, _) =>
        {
            int first = item * Tile, end = Math.Min(first + Tile, columns);
            for (int row = 0; row < rows; row += Tile)
            {
                int last = Math.Min(row + Tile, rows);
                for (int c = first; c < end; c++)
                {
                    for (int r = row; r < last; r++) y[c * rows + r] = x[r * columns + c];
                }
            }
        });

    /// <summary>
    /// An array of at least <paramref name="length"/> floats: the one that is there, or a longer one. Its values are undefined.
    /// </summary>
    public static float[] Reserve(ref float[] array, int length)
    {
        if (array.Length < length) array = GC.AllocateUninitializedArray<float>(length);
        return array;
    }

    private sealed class Items(Action<int, int> body) : IWork
    {
        public void Run(int item, int worker) => body(item, worker);
    }
}
