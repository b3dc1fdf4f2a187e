using System;
using System.Collections.Generic;
using System.Threading;

namespace AhnSharp.Constraints;

/// <summary>The constraints that were made of a text lately, by kind and text: servers get the same schema with every request.</summary>
internal sealed class ConstraintCache(int capacity)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<(string Kind, string Text), LinkedListNode<((string, string) Key, Constraint Value)>> _known = [];
    private readonly LinkedList<((string, string) Key, Constraint Value)> _order = [];

    public Constraint Get(string kind, string text, Func<string, Constraint> make)
    {
        (string, string) key = (kind, text);
        lock (_turn)
        {
            if (_known.TryGetValue(key, out var node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
                return node.Value.Value;
            }
        }
        // Outside of the turn: it may take some hundred milliseconds. Two that make the same have two, of which one is kept.
        Constraint made = make(text);
        lock (_turn)
        {
            if (_known.TryGetValue(key, out var other)) return other.Value.Value;
            _known.Add(key, _order.AddFirst((key, made)));
            if (_known.Count > capacity && _order.Last is { } last)
            {
                _known.Remove(last.Value.Key);
                _order.RemoveLast();
            }
        }
        return made;
    }
}
