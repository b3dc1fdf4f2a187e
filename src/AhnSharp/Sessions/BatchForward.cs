using System;
using System.Threading;

namespace AhnSharp.Sessions;

/// <summary>Feeds several texts at once, for programs that do not cut passes themselves.</summary>
public static class BatchForward
{
    /// <summary>Feeds tokens to several sessions, pass by pass, each of as many rows as fit, in the order of the batch.</summary>
    /// <remarks>
    /// The first sequence that fails ends it, with its cause; every session then stands where the last of its passes left it.
    /// </remarks>
    /// <param name="model">The sessions' model.</param>
    /// <param name="batch">Any number of tokens, each session once.</param>
    /// <param name="cancellation">Is looked at between passes.</param>
    /// <exception cref="ContextOverflowException">One has no room for its tokens.</exception>
    public static void Forward(this LanguageModel model, ReadOnlySpan<SequenceSlice> batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        int[] done = new int[batch.Length], sliceOf = new int[batch.Length];
        var pass = new SequenceSlice[batch.Length];
        var outcomes = new StepOutcome[batch.Length];
        while (true)
        {
            int slices = 0, rows = 0;
            for (int i = 0; i < batch.Length && rows < model.ChunkTokens; i++)
            {
                int left = batch[i].Ids.Length - done[i], count = Math.Min(model.ChunkTokens - rows, left);
                // An empty slice is refused by the pass that meets it first.
                if (left == 0 && batch[i].Ids.Length > 0) continue;
                pass[slices] = Cut(batch[i], done[i], count);
                sliceOf[slices++] = i;
                rows += count;
            }
            if (slices == 0) return;
            cancellation.ThrowIfCancellationRequested();
            model.Step(pass.AsSpan(0, slices), outcomes);
            for (int i = 0; i < slices; i++) outcomes[i].ThrowUnlessDone();
            for (int i = 0; i < slices; i++) done[sliceOf[i]] += pass[i].Ids.Length;
        }
    }

    private static SequenceSlice Cut(SequenceSlice whole, int first, int count) => whole with
    {
        Ids = whole.Ids.Slice(first, count),
        EveryRow = whole.EveryRow is { } reader ? (index, logits) => reader(first + index, logits) : null,
        WantsLogits = whole.WantsLogits && first + count == whole.Ids.Length,
        Hidden = whole.Hidden is { } hidden && (whole.EveryHidden || first + count == whole.Ids.Length)
            ? (index, row) => hidden(first + index, row) : null,
    };
}
