using System;
using System.Buffers;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Network;

/// <summary>
/// Tells base models of the same shape apart: SHA-256 over the norm weights, which stay float32 in every quantization of a model.
/// </summary>
/// <remarks>
/// Lower-case hex of SHA-256 over the little-endian float32 bytes of every <c>blk.N.attn_norm.weight</c> and <c>blk.N.ffn_norm.weight</c>,
/// in order of N, then of <c>output_norm.weight</c>. A memory carries the value of the base it was trained with as
/// <c>ahn.base_model.fingerprint</c>.
/// </remarks>
public static class BaseFingerprint
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdefABCDEF");
    private const int Digits = 64;

    /// <summary>Whether a text is a fingerprint itself: 64 hexadecimal digits.</summary>
    internal static bool IsOne(string text) => text.Length == Digits && text.AsSpan().IndexOfAnyExcept(s_digits) < 0;

    /// <summary>The fingerprint of a base or merged file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="layerCount">Its decoder layers.</param>
    /// <exception cref="InvalidModelException">A norm is missing or not F32.</exception>
    public static string Of(GgufFile file, int layerCount) => Of(layerCount, name =>
    {
        GgufTensor tensor = file.GetTensor(name);
        if (tensor.Type != GgmlType.F32)
            throw new InvalidModelException($"{name}: expected F32, as norms are in every quantization, found {tensor.TypeAndShape}.");
        float[] weights = new float[tensor.ElementCount];
        file.Read(tensor, 0, MemoryMarshal.AsBytes(weights.AsSpan()));
        return weights;
    });

    /// <summary>The fingerprint of a model whose norms come from anywhere.</summary>
    /// <param name="layerCount">Decoder layers.</param>
    /// <param name="norm">Gives the float32 values of a norm by its GGUF name.</param>
    public static string Of(int layerCount, Func<string, float[]> norm)
    {
        var hash = new Sha256();
        foreach (string name in NetworkTensors.NormNames(layerCount)) hash.Append(MemoryMarshal.AsBytes(norm(name).AsSpan()));
        return Convert.ToHexStringLower(hash.Finish());
    }
}
