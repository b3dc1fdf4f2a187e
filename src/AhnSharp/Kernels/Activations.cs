using System;
using System.Diagnostics;

namespace AhnSharp.Kernels;

/// <summary>[Rows, Columns] f32 row-major: what flows between the layers, one row a token.</summary>
/// <remarks>
/// Quantized weights multiply int8 forms of it, made on the first demand and kept until <see cref="Reshape"/>; so q, k and v share one.
/// Write values only after Reshape and before the first product that reads them. One user at a time.
/// </remarks>
internal sealed class Activations
{
    private readonly PackedActivations?[] _packed = new PackedActivations?[Enum.GetValues<ActivationForm>().Length];
    private float[] _values = [];
    private MatrixProduct? _product;

    /// <summary>Tokens.</summary>
    public int Rows { get; private set; }

    /// <summary>Numbers per token.</summary>
    public int Columns { get; private set; }

    /// <summary>All values, Rows · Columns.</summary>
    public Span<float> Values => _values.AsSpan(0, Rows * Columns);

    /// <summary>The array behind <see cref="Values"/>; it may be longer, and Reshape may replace it.</summary>
    public float[] Array => _values;

    /// <summary>Bytes held now, by the values and their packed forms.</summary>
    internal long ByteLength
    {
        get
        {
            long bytes = sizeof(float) * (long)_values.Length;
            foreach (PackedActivations? packed in _packed) bytes += packed?.ByteLength ?? 0;
            return bytes;
        }
    }

    /// <summary>The call in progress that writes here, kept so that a product allocates nothing.</summary>
    internal MatrixProduct Product => _product ??= new MatrixProduct();

    /// <summary>The values of one token.</summary>
    public Span<float> Row(int r)
    {
        Debug.Assert((uint)r < (uint)Rows);
        return _values.AsSpan(r * Columns, Columns);
    }

    /// <summary>
    /// Sets the shape and forgets the packed forms; allocates only where it has never been as large. The old values are undefined.
    /// </summary>
    public void Reshape(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        int length = checked(rows * columns);
        if (_values.Length < length) _values = GC.AllocateUninitializedArray<float>(length);
        Rows = rows;
        Columns = columns;
        Forget();
    }

    /// <summary>Forgets the packed forms, because values were changed in place.</summary>
    internal void Forget()
    {
        foreach (PackedActivations? packed in _packed) packed?.Forget();
    }

    /// <summary>Makes the packed form unless it is there.</summary>
    internal void Pack(ActivationForm form, Workers workers)
    {
        if (form != ActivationForm.Rows) (_packed[(int)form] ??= new PackedActivations(form)).Pack(this, workers);
    }

    /// <summary>The packed form, which <see cref="Pack"/> made (not of <see cref="ActivationForm.Rows"/>).</summary>
    internal PackedActivations Packed(ActivationForm form) => _packed[(int)form]!;
}
