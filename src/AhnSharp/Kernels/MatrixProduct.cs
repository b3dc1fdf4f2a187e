using System;

namespace AhnSharp.Kernels;

/// <summary>One product y = W·x cut into items for the thread team; each <see cref="Activations"/> that is written to owns one.</summary>
/// <remarks>
/// An item is at least 64 KiB of weights times tokens, below which handing it out would show; the items of a thread's own share lie one
/// behind the other, so a thread still streams long stretches. A matrix of few rows is cut along the tokens too.
/// </remarks>
internal sealed class MatrixProduct : IWork
{
    private const long SmallestItem = 64 * 1024;
    private const int SmallestTokens = 16;
    private const int ItemsPerThread = 4; // so that both cores finish together
    private WeightMatrix? _matrix;
    private Activations? _x;
    private Activations? _y;
    private bool _accumulate;
    private int _units;
    private int _unitsPerItem;
    private int _tokensPerItem;
    private int _tokenItems;

    /// <summary>Computes the product.</summary>
    public void Run(WeightMatrix matrix, Workers workers, Activations x, Activations y, bool accumulate)
    {
        StepProfile? profile = workers.Profile;
        profile?.BeginQuantizing();
        matrix.Prepare(workers, x);
        profile?.BeginProduct(matrix, x.Rows);
        (_matrix, _x, _y, _accumulate) = (matrix, x, y, accumulate);
        _units = (matrix.Rows + matrix.UnitRows - 1) / matrix.UnitRows;
        _unitsPerItem = (int)Math.Clamp(SmallestItem / (matrix.UnitBytes * x.Rows), 1, _units);
        int unitItems = (_units + _unitsPerItem - 1) / _unitsPerItem;
        _tokensPerItem = x.Rows;
        int wanted = ItemsPerThread * workers.Count;
        if (workers.Count > 1 && _unitsPerItem == 1 && unitItems < wanted)
        {
            int pieces = (wanted + unitItems - 1) / unitItems;
            _tokensPerItem = Math.Max(SmallestTokens, ((x.Rows + pieces - 1) / pieces + 7) / 8 * 8);
        }
        _tokenItems = (x.Rows + _tokensPerItem - 1) / _tokensPerItem;
        workers.Run(this, unitItems * _tokenItems);
        profile?.EndProduct();
        (_matrix, _x, _y) = (null, null, null);
    }

    void IWork.Run(int item, int worker)
    {
        int unit = item / _tokenItems * _unitsPerItem, token = item % _tokenItems * _tokensPerItem;
        _matrix!.MultiplyUnits(
            _x!, _y!, _accumulate, unit, Math.Min(unit + _unitsPerItem, _units), token, Math.Min(token + _tokensPerItem, _x!.Rows));
    }
}
