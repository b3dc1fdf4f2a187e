using System;
using System.Collections.Generic;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>One decoder layer's matrices and vectors, each by itself.</summary>
internal sealed class PortableLayer : GpuLayer
{
    private readonly List<MemoryBuffer> _vectors = [];
    private long _vectorBytes;

    public required DeviceMatrix Query { get; init; } // [H·D, E]
    public required DeviceMatrix Key { get; init; } // [K·D, E]
    public required DeviceMatrix Value { get; init; } // [K·D, E]
    public required DeviceMatrix Output { get; init; } // [E, H·D]
    public required DeviceMatrix Gate { get; init; } // [F, E]
    public required DeviceMatrix Up { get; init; } // [F, E]
    public required DeviceMatrix Down { get; init; } // [E, F]
    public DeviceMatrix? Gates { get; init; } // [g + H, E]; null without a memory

    public ArrayView<float> AttentionNorm { get; private set; } // [E]
    public ArrayView<float> QueryBias { get; private set; } // [H·D]; empty: none, as the others
    public ArrayView<float> KeyBias { get; private set; } // [K·D]
    public ArrayView<float> ValueBias { get; private set; } // [K·D]
    public ArrayView<float> QueryNorm { get; private set; } // [D]; empty: none, as KeyNorm
    public ArrayView<float> KeyNorm { get; private set; } // [D]
    public ArrayView<float> FfnNorm { get; private set; } // [E]
    public ArrayView<float> Constants { get; private set; } // [3][H], see PushKernel; one float without a memory
    public ArrayView<float> MemoryNorm { get; private set; } // [D] or [H·D]
    public ArrayView<float> Projection { get; private set; } // [H, D in, D out]

    public override long ByteLength
    {
        get
        {
            long bytes = _vectorBytes + (Gates?.ByteLength ?? 0);
            foreach (DeviceMatrix matrix in Matrices) bytes += matrix.ByteLength;
            return bytes;
        }
    }

    private DeviceMatrix[] Matrices => [Query, Key, Value, Output, Gate, Up, Down];

    /// <summary>Brings the vectors to the device.</summary>
    public void UploadVectors(Accelerator accelerator, LayerSource source, int heads)
    {
        AttentionNorm = Upload(accelerator, source.AttentionNorm);
        (QueryBias, KeyBias, ValueBias) =
            (Upload(accelerator, source.QueryBias), Upload(accelerator, source.KeyBias), Upload(accelerator, source.ValueBias));
        (QueryNorm, KeyNorm) = (Upload(accelerator, source.QueryNorm), Upload(accelerator, source.KeyNorm));
        FfnNorm = Upload(accelerator, source.FfnNorm);
        float[] constants = new float[source.Memory is null ? 1 : 3 * heads];
        if (source.Memory is { } memory)
        {
            for (int h = 0; h < heads; h++)
            {
                constants[h] = memory.ALog is null ? 0 : MathF.Exp(memory.ALog[h]);
                constants[heads + h] = memory.DtBias?[h] ?? 0;
                constants[2 * heads + h] = memory.GateBias?[h] ?? 0;
            }
        }
        Constants = Upload(accelerator, constants);
        MemoryNorm = Upload(accelerator, source.Memory?.Norm ?? constants);
        Projection = Upload(accelerator, source.Memory?.Out ?? constants);
    }

    public override void Dispose()
    {
        foreach (DeviceMatrix matrix in Matrices) matrix.Dispose();
        Gates?.Dispose();
        foreach (MemoryBuffer vector in _vectors) vector.Dispose();
    }

    private ArrayView<float> Upload(Accelerator accelerator, float[]? values)
    {
        if (values is null) return default;
        MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D(values);
        _vectors.Add(buffer);
        _vectorBytes += buffer.LengthInBytes;
        return buffer.View.AsContiguous();
    }
}
