using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>Eight consecutive weights of a row, decoded.</summary>
internal struct Eight
{
    public float W0, W1, W2, W3, W4, W5, W6, W7;

    /// <summary>Σ of the weights times eight numbers of x from <paramref name="at"/>.</summary>
    public readonly float Dot(ArrayView<float> x, long at) =>
        W0 * x[at] + W1 * x[at + 1] + W2 * x[at + 2] + W3 * x[at + 3] + W4 * x[at + 4] + W5 * x[at + 5] + W6 * x[at + 6] + W7 * x[at + 7];

    /// <summary>Writes the weights to places <paramref name="stride"/> apart.</summary>
    public readonly void Store(ArrayView<float> to, long at, int stride)
    {
        to[at] = W0;
        to[at + stride] = W1;
        to[at + 2 * stride] = W2;
        to[at + 3 * stride] = W3;
        to[at + 4 * stride] = W4;
        to[at + 5 * stride] = W5;
        to[at + 6 * stride] = W6;
        to[at + 7 * stride] = W7;
    }

    /// <summary>scale · each + offset.</summary>
    public readonly Eight Scaled(float scale, float offset) => new()
    {
        W0 = scale * W0 + offset,
        W1 = scale * W1 + offset,
        W2 = scale * W2 + offset,
        W3 = scale * W3 + offset,
        W4 = scale * W4 + offset,
        W5 = scale * W5 + offset,
        W6 = scale * W6 + offset,
        W7 = scale * W7 + offset,
    };
}
