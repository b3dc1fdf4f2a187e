using System;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Model;

namespace AhnSharp.Evaluation;

/// <summary>Counts the digits a model gets right when it reads a chat with the right answers in it (teacher forcing, greedy).</summary>
/// <remarks>The text before an answer is read in one prefill; logits are computed at the answer positions alone.</remarks>
public static class RecallScorer
{
    /// <summary>Answer positions p of <paramref name="chat"/> at which the likeliest token after <c>Ids[..p]</c> is <c>Ids[p]</c>.</summary>
    /// <exception cref="System.IO.InvalidDataException">An id is outside the model's vocabulary.</exception>
    public static int CountHits(QwenModel model, RecallChat chat, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chat);
        TokenIds.ThrowUnlessIn(chat.Ids, model.Config.VocabularySize, "the chat");

        using Session session = model.CreateSession(options);
        int read = 0, hits = 0;
        foreach (int position in chat.AnswerPositions)
        {
            model.Forward(session, chat.Ids.AsSpan(read, position - read), cancellation);
            read = position;
            if (TensorPrimitives.IndexOfMax(session.LastLogits) == chat.Ids[position]) hits++;
        }
        return hits;
    }
}
