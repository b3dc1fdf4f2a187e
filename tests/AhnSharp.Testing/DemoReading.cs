using System;
using System.Runtime.InteropServices;
using AhnSharp.Conversion;

namespace AhnSharp.Testing;

/// <summary>Token ids of a book with the negative log likelihoods that the demo model gave them in PyTorch.</summary>
internal sealed class DemoReading : IDisposable
{
    private readonly SafetensorsFile _file;

    public DemoReading(string path)
    {
        _file = SafetensorsFile.Open(path);
        SafetensorsTensor ids = _file.GetTensor("ids");
        Ids = new int[ids.ElementCount];
        _file.ReadBytes(ids, 0, MemoryMarshal.AsBytes(Ids.AsSpan()));
    }

    /// <summary>[N + 1].</summary>
    public int[] Ids { get; }

    /// <summary>[N] for full, window or ahn.</summary>
    public float[] NegativeLogLikelihoods(string mode)
    {
        SafetensorsTensor tensor = _file.GetTensor($"nll_{mode}");
        float[] nll = new float[tensor.ElementCount];
        _file.ReadSingles(tensor, 0, nll);
        return nll;
    }

    public void Dispose() => _file.Dispose();
}
