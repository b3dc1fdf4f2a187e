using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Training;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>The products of training, whichever way their matrices lie, against sums in double precision.</summary>
internal static class TrainProductChecks
{
    /// <param name="name">The device.</param>
    /// <param name="create">Makes its accelerator.</param>
    /// <param name="groupSize">Threads of a group of the products in f32.</param>
    /// <param name="usesTensor">Whether products run on matrix units, which round entries to 10 bits behind the point.</param>
    public static IEnumerable<Check> Of(string name, Func<Accelerator> create, int groupSize, bool usesTensor) =>
        from lies in (int[])[0, 1, 2, 3]
        select new Check($"train: product, A {Way(lies & 1)}, B {Way(lies >> 1)}, {(usesTensor ? "TF32" : "F32")} on {name}", null,
            () => Run(create, groupSize, usesTensor, (lies & 1) != 0, lies >> 1 != 0));

    /// <summary>One tile of TF32, which a simulation does in seconds.</summary>
    public static Check Small(string name, Func<Accelerator> create) => new($"train: a tile of TF32 on {name}", null, () =>
    {
        using Accelerator accelerator = create();
        One(accelerator, new DeviceProducts(accelerator, 64, true), (9, 20, 12), 1, 1e-6, true, false);
    });

    private static string Way(int transposed) => transposed != 0 ? "transposed" : "as it is";

    private static void Run(Func<Accelerator> create, int groupSize, bool usesTensor, bool turnsA, bool turnsB)
    {
        using Accelerator accelerator = create();
        DeviceProducts products = new(accelerator, groupSize, usesTensor);
        double most = usesTensor ? 1e-6 : 1e-12;
        // Aligned for loads of four numbers, and not; more than a tile; pieces of the depth.
        One(accelerator, products, (132, 20, 36), 1, most, turnsA, turnsB);
        One(accelerator, products, (9, 133, 19), 2, most, turnsA, turnsB);
        if (!usesTensor) Pieces(accelerator, products, groupSize, most);
    }

    private static void One(
        Accelerator accelerator, DeviceProducts products, (int Rows, int Columns, int Depth) s, int batches, double most, bool turnsA,
        bool turnsB)
    {
        float[] a = Measure.Random(1, s.Rows * s.Depth * batches), b = Measure.Random(2, s.Depth * s.Columns),
            c = Measure.Random(3, s.Rows * s.Columns * batches), bias = Measure.Random(4, s.Columns);
        float[] expected = new float[c.Length];
        for (int batch = 0; batch < batches; batch++)
        {
            for (int i = 0; i < s.Rows; i++)
            {
                for (int j = 0; j < s.Columns; j++)
                {
                    int at = (batch * s.Rows + i) * s.Columns + j;
                    double sum = c[at] + bias[j];
                    for (int k = 0; k < s.Depth; k++)
                    {
                        double x = a[batch * s.Rows * s.Depth + (turnsA ? k * s.Rows + i : i * s.Depth + k)];
                        sum += x * b[turnsB ? j * s.Depth + k : k * s.Columns + j];
                    }
                    expected[at] = (float)sum;
                }
            }
        }
        using DeviceBuffers buffers = new(accelerator);
        ArrayView<float> to = buffers.Take(c), of = buffers.Take(a), by = buffers.Take(b);
        Operand left = turnsA ? Operand.Transposed(of, s.Rows, s.Rows * s.Depth) : Operand.Of(of, s.Depth, s.Rows * s.Depth);
        // Both batches multiply the same B.
        Operand right = turnsB ? Operand.Transposed(by, s.Depth, 0, batches) : Operand.Of(by, s.Columns, 0, batches);
        products.Multiply(
            left, right, Operand.Of(to, s.Columns, s.Rows * s.Columns), s, batches, accumulate: true, bias: buffers.Take(bias));
        accelerator.Synchronize();
        float[] found = new float[c.Length];
        to.CopyToCPU(found);
        Measure.Demand(found, expected, most, $"{s}, {batches} batches");
    }

    private static void Pieces(Accelerator accelerator, DeviceProducts products, int groupSize, double most)
    {
        const int Rows = 3, Columns = 5, Depth = 600;
        float[] a = Measure.Random(5, Rows * Depth), b = Measure.Random(6, Depth * Columns), expected = new float[Rows * Columns];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = (float)Enumerable.Range(0, Depth).Sum(
                k => (double)a[k * Rows + i / Columns] * b[k * Columns + i % Columns]);
        }
        using DeviceBuffers buffers = new(accelerator);
        ArrayView<float> pieces = buffers.Take(DeviceProducts.Pieces(Depth) * expected.Length),
            sum = buffers.Take(new float[expected.Length]);
        products.MultiplyInPieces(
            Operand.Transposed(buffers.Take(a), Rows), Operand.Of(buffers.Take(b), Columns), pieces, (Rows, Columns, Depth));
        new RowOperations(accelerator, groupSize).AddPieces(pieces, expected.Length, sum, DeviceProducts.Pieces(Depth));
        accelerator.Synchronize();
        float[] found = new float[expected.Length];
        sum.CopyToCPU(found);
        Measure.Demand(found, expected, most, "a sum in pieces");
    }
}
