using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Evaluation;

/// <summary>Digits and hits of many chats, by the length they stand under.</summary>
public sealed class RecallTotals
{
    private readonly SortedDictionary<int, RecallTotal> _byLength = [];

    /// <summary>The totals of each length, shortest first.</summary>
    public IReadOnlyDictionary<int, RecallTotal> ByLength => _byLength;

    /// <summary>The totals of all lengths together.</summary>
    public RecallTotal All => _byLength.Values.Aggregate(
        default(RecallTotal), (sum, total) => new(sum.Chats + total.Chats, sum.Digits + total.Digits, sum.Hits + total.Hits));

    /// <summary>Counts a chat.</summary>
    public void Add(RecallChat chat, int hits)
    {
        ArgumentNullException.ThrowIfNull(chat);
        _byLength.TryGetValue(chat.Length, out RecallTotal before);
        _byLength[chat.Length] = new RecallTotal(before.Chats + 1, before.Digits + chat.AnswerPositions.Length, before.Hits + hits);
    }
}

/// <summary>Sums over chats.</summary>
/// <param name="Chats">Chats counted.</param>
/// <param name="Digits">Digits asked for.</param>
/// <param name="Hits">Digits right.</param>
public readonly record struct RecallTotal(int Chats, int Digits, int Hits)
{
    /// <summary>Hits a digit, 0 to 1; chance is 0.1.</summary>
    public double Share => Digits > 0 ? (double)Hits / Digits : 0;
}
