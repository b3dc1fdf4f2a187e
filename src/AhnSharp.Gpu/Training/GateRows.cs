using System;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>From products to gates and back, [count, H] each. The definition is <c>MemoryGates</c> of the processor's.</summary>
internal sealed class GateRows(Accelerator accelerator, int groupSize)
{
    private readonly Action<KernelConfig, GateVectors, GateValues, GateRule> _forward =
        accelerator.LoadStreamKernel<GateVectors, GateValues, GateRule>(Item);
    private readonly Action<KernelConfig, GateVectors, GateValues, GateValues, ArrayView<float>, ArrayView<float>, GateRule> _back =
        accelerator.LoadStreamKernel<GateVectors, GateValues, GateValues, ArrayView<float>, ArrayView<float>, GateRule>(ItemBack);

    /// <summary>Products become strengths, log decays and γ, in place.</summary>
    public void Run(GateVectors vectors, GateValues values, GateRule rule) => _forward(Items(rule), vectors, values, rule);

    /// <summary>Gradients of gates become those of the products, in place.</summary>
    /// <param name="vectors">As Run.</param>
    /// <param name="values">The gates.</param>
    /// <param name="gradients">Of the gates.</param>
    /// <param name="rates">[count, H]: what A_log gains by each.</param>
    /// <param name="biases">[count, H]: what dt_bias gains by each.</param>
    /// <param name="rule">Which rule.</param>
    public void Back(
        GateVectors vectors, GateValues values, GateValues gradients, ArrayView<float> rates, ArrayView<float> biases, GateRule rule) =>
        _back(Items(rule), vectors, values, gradients, rates, biases, rule);

    private KernelConfig Items(GateRule rule) => new((rule.Count * rule.Heads + groupSize - 1) / groupSize, groupSize);

    private static float Softplus(float x)
    {
        float y = XMath.Exp(-XMath.Abs(x));
        // log(1 + y), of which a float loses all where y is small.
        return XMath.Max(x, 0f) + (y < 1e-3f ? y * (1 - y * (0.5f - y / 3)) : XMath.Log(1 + y));
    }

    // σ(x) of softplus(x) = y: 1 − e^−y.
    private static float SoftplusSlope(float y) => y < 1e-3f ? y * (1 - y * (0.5f - y / 6)) : 1 - XMath.Exp(-y);

    private static void Item(GateVectors v, GateValues x, GateRule rule)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= rule.Count * rule.Heads) return;
        int head = i % rule.Heads;
        float b = x.Strengths[i], strength = 1 / (1 + XMath.Exp(-b)), decay = 0;
        if (rule.DecaysByStrength != 0)
        {
            strength = Softplus(b + v.DtBias[head]);
            decay = -strength * XMath.Exp(v.ALog[head]);
        }
        else if (rule.HasAlpha != 0)
        {
            decay = -XMath.Exp(v.ALog[head]) * Softplus(x.LogDecays[i] + v.DtBias[head]);
        }
        x.Strengths[i] = strength;
        x.LogDecays[i] = decay;
        if (rule.HasGateBias != 0) x.Gammas[i] += v.GateBias[head];
    }

    private static void ItemBack(
        GateVectors v, GateValues x, GateValues d, ArrayView<float> rates, ArrayView<float> biases, GateRule rule)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= rule.Count * rule.Heads) return;
        int head = i % rule.Heads;
        float strength = x.Strengths[i], decay = x.LogDecays[i], gained = d.Strengths[i], by = d.LogDecays[i];
        rates[i] = by * decay;
        if (rule.DecaysByStrength != 0)
        {
            gained = (gained - XMath.Exp(v.ALog[head]) * by) * SoftplusSlope(strength);
            biases[i] = gained;
        }
        else
        {
            gained *= strength * (1 - strength);
        }
        d.Strengths[i] = gained;
        if (rule.HasAlpha != 0)
        {
            float rate = XMath.Exp(v.ALog[head]), product = -rate * by * SoftplusSlope(-decay / rate);
            d.LogDecays[i] = product;
            biases[i] = product;
        }
    }
}
