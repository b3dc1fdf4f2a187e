namespace AhnSharp.Kernels;

/// <summary>How precisely activations are multiplied with quantized weights.</summary>
public enum ActivationPrecision
{
    /// <summary>−127..127 under one scale in 32 or 256, as ggml does it: a relative error of 0.5 %.</summary>
    EightBits,

    /// <summary>
    /// Q8_0 weights with activations of −63..63, a relative error of 1.1 %, for a third more speed in prefill; other formats as ever.
    /// </summary>
    SevenBits,
}
