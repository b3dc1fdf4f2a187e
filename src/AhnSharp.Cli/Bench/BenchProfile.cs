using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>A profile beside its roofs.</summary>
internal static class BenchProfile
{
    /// <summary>Every stage and type of weights, times per step.</summary>
    /// <param name="profile">What was measured.</param>
    /// <param name="roofs">Peaks of multiplying.</param>
    /// <param name="read">GB/s of reading, measured beside it.</param>
    /// <param name="steps">Steps of the profile.</param>
    internal static IReadOnlyList<BenchProfileLine> Lines(StepProfile profile, Roofs roofs, double read, int steps)
    {
        double all = profile.Seconds;
        return
        [
            .. profile.Lines.Select(line =>
            {
                bool counted = line.Bytes > 0 || line.MultiplyAdds > 0;
                double? floor = counted ? roofs.Floor(line.Bytes, line.MultiplyAdds, IsInt8(line), read) / steps : null;
                double seconds = line.Seconds / steps;
                return new BenchProfileLine(
                    NameOf(line.Stage), line.Type?.ToString(), seconds, line.Seconds / all, (double)line.Bytes / steps,
                    (double)line.MultiplyAdds / steps, floor,
                    seconds > 0 ? floor / seconds : null);
            }),
        ];
    }

    /// <summary>What people call a stage.</summary>
    internal static string NameOf(ProfileStage stage) => stage switch
    {
        ProfileStage.Bookkeeping => "bookkeeping",
        ProfileStage.Embedding => "embedding",
        ProfileStage.Norm => "norms",
        ProfileStage.Quantize => "quantizing activations",
        ProfileStage.Qkv => "q, k, v",
        ProfileStage.Enter => "rotation, ring",
        ProfileStage.Attention => "attention",
        ProfileStage.ArchiveIndex => "archive index",
        ProfileStage.Archive => "archive",
        ProfileStage.Memory => "memory",
        ProfileStage.AttentionOutput => "attention output",
        ProfileStage.GateUp => "gate, up",
        ProfileStage.SwiGlu => "SwiGLU",
        ProfileStage.Down => "down",
        ProfileStage.Head => "output head",
        ProfileStage.Waiting => "waiting",
        _ => "sampling",
    };

    private static bool IsInt8(ProfileLine line) =>
        line.Stage == ProfileStage.ArchiveIndex || line.Type is not (null or GgmlType.F32 or GgmlType.F16 or GgmlType.BF16);
}
