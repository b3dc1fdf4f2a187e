using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn inspect --check</c>: every weight of a file, whether it is a number that a network can have.</summary>
internal sealed record InspectWeights(int Tensors, long Bytes, IReadOnlyList<string> Problems)
{
    private const int PieceBytes = 4 << 20, MaxNamed = 20;

    /// <summary>Reads all tensors of the files; of each broken one the first place is named.</summary>
    internal static InspectWeights Of(
        IEnumerable<GgufFile> files, IProgress<(long Done, long Total)> progress, CancellationToken cancellation)
    {
        List<string> problems = [];
        int tensors = 0;
        long bytes = 0, total = 0;
        List<(GgufFile File, GgufTensor Tensor)> all = [];
        foreach (GgufFile file in files)
        {
            foreach (GgufTensor tensor in file.Tensors)
            {
                all.Add((file, tensor));
                total += tensor.ByteLength;
            }
        }
        byte[] piece = new byte[PieceBytes];
        foreach ((GgufFile file, GgufTensor tensor) in all)
        {
            int whole = PieceBytes / tensor.Type.BlockBytes() * tensor.Type.BlockBytes();
            for (long at = 0; at < tensor.ByteLength; at += whole)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<byte> read = piece.AsSpan(0, (int)Math.Min(whole, tensor.ByteLength - at));
                file.ReadUnmapped(tensor, at, read);
                progress.Report((bytes += read.Length, total));
                if (WeightCheck.FirstProblem(tensor, at, read) is not { } problem) continue;
                problems.Add(problem);
                break;
            }
            tensors++;
        }
        return new InspectWeights(tensors, total, problems);
    }

    /// <summary>One line for the report.</summary>
    internal string Summary => Problems.Count == 0
        ? "every weight is finite and of a size that a network can have"
        : $"{Problems.Count} of {Tensors} tensors hold weights that no network can have";

    /// <summary>The first of the broken tensors, a sentence each.</summary>
    internal IEnumerable<string> Named()
    {
        for (int i = 0; i < Math.Min(MaxNamed, Problems.Count); i++) yield return Problems[i] + ".";
        if (Problems.Count > MaxNamed) yield return $"… and {Problems.Count - MaxNamed} more tensors.";
    }
}
