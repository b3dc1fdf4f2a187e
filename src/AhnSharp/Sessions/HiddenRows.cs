using System;
using System.Numerics.Tensors;
using AhnSharp.Gguf;
using AhnSharp.Kernels;

namespace AhnSharp.Sessions;

/// <summary>Hands the hidden rows of a pass, behind the last norm, to those who ask: on every machine the same arithmetic.</summary>
/// <remarks>On the thread of the pass: a norm is 1/V of the output matrix's work.</remarks>
/// <param name="outputNorm">[E], the weights of the norm.</param>
/// <param name="epsilon">Its ε.</param>
internal sealed class HiddenRows(float[] outputNorm, float epsilon)
{
    private readonly float[] _row = new float[outputNorm.Length];

    /// <param name="pass">The pass.</param>
    /// <param name="hidden">[rows, E], the residual stream behind the last layer.</param>
    public void Hand(Pass pass, ReadOnlySpan<float> hidden)
    {
        for (int p = 0; p < pass.Parts.Length; p++)
        {
            ref readonly Pass.Part part = ref pass.Parts[p];
            if (part.Hidden is not { } reader) continue;
            for (int i = part.EveryHidden ? 0 : part.Count - 1; i < part.Count && pass.FailureOf(p) is null; i++)
            {
                RmsNorm.Apply(hidden.Slice((part.Row + i) * _row.Length, _row.Length), outputNorm, epsilon, _row);
                if (TensorPrimitives.IsFiniteAll<float>(_row)) pass.TryRead(p, reader, part.FirstIndex + i, _row);
                else pass.Fail(p, Broken(part.Position + i));
            }
        }
    }

    private static InvalidModelException Broken(long position) => new(
        $"the last norm: expected finite numbers behind token {position}, found others: the model's weights are broken, or what this "
        + "session holds of it; 'ahn inspect FILE --check' looks at every weight.");
}
