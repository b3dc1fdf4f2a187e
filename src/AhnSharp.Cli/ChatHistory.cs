using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Sessions;

namespace AhnSharp.Cli;

/// <summary>
/// The states before the last turns of a chat, as forks, so that turns can be taken back; the oldest goes
/// where they hold more than a budget.
/// </summary>
internal sealed class ChatHistory(long budgetBytes) : IDisposable
{
    private readonly List<(TextSession Before, string Turn)> _turns = [];

    /// <summary>Whether turns were let go, so that there were more than can be taken back.</summary>
    internal bool HasForgotten { get; private set; }

    /// <summary>Keeps the state of a chat before a turn.</summary>
    internal void Add(TextSession chat, string turn)
    {
        if (budgetBytes > 0) _turns.Add((chat.Fork(), turn));
        else HasForgotten = true;
    }

    /// <summary>Lets the oldest go while all hold more bytes than the budget beyond what the chat itself holds.</summary>
    internal void Trim(TextSession chat)
    {
        long own = LanguageSession.BytesTogether([chat.State]);
        while (_turns.Count > 0
            && LanguageSession.BytesTogether([chat.State, .. _turns.Select(turn => turn.Before.State)]) - own > budgetBytes)
        {
            _turns[0].Before.Dispose();
            _turns.RemoveAt(0);
            HasForgotten = true;
        }
    }

    /// <summary>Hands over the state before the last turn, and the turn.</summary>
    internal bool TryTakeLast(out TextSession before, out string turn)
    {
        if (_turns.Count == 0)
        {
            (before, turn) = (null!, "");
            return false;
        }
        (before, turn) = _turns[^1];
        _turns.RemoveAt(_turns.Count - 1);
        return true;
    }

    internal void Clear()
    {
        foreach ((TextSession before, _) in _turns) before.Dispose();
        _turns.Clear();
        HasForgotten = false;
    }

    public void Dispose() => Clear();
}
