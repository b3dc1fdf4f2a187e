using System;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Training;

/// <summary>RoPE of the first tokens of a text, and back: a turn by the angle, and one by its opposite.</summary>
internal sealed class Rotation(ModelConfig config)
{
    private readonly Rope _rope = ModelRope.Of(config);
    private readonly int _half = config.HeadDim / 2;
    private float[] _cos = [], _sin = [], _back = [];
    private int _tokens;

    /// <summary>Makes the angles of positions 0 … <paramref name="tokens"/> − 1.</summary>
    public void Reserve(int tokens)
    {
        if (tokens <= _tokens) return;
        (_cos, _sin, _back, _tokens) = (new float[tokens * _half], new float[tokens * _half], new float[tokens * _half], tokens);
        for (int t = 0; t < tokens; t++) _rope.Angles(t, _cos.AsSpan(t * _half, _half), _sin.AsSpan(t * _half, _half));
        for (int i = 0; i < _sin.Length; i++) _back[i] = -_sin[i];
    }

    /// <summary>Turns the heads of one row in place.</summary>
    public void Turn(Span<float> heads, int position) =>
        Rope.Rotate(heads, _cos.AsSpan(position * _half, _half), _sin.AsSpan(position * _half, _half));

    /// <summary>Turns gradients of turned heads into those of the heads.</summary>
    public void TurnBack(Span<float> heads, int position) =>
        Rope.Rotate(heads, _cos.AsSpan(position * _half, _half), _back.AsSpan(position * _half, _half));
}
