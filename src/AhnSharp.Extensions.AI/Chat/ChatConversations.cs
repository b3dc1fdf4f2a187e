using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.Extensions.AI;

namespace AhnSharp.Extensions.AI;

/// <summary>Conversations that a client keeps, by id: their messages. What was read of them is in the engine's cache.</summary>
internal sealed class ChatConversations
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public string Start()
    {
        string id = $"conversation-{Guid.NewGuid():n}";
        lock (_gate) _entries.Add(id, new Entry());
        return id;
    }

    public bool End(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (_gate) return _entries.Remove(id);
    }

    /// <summary>A conversation for one request at a time.</summary>
    /// <exception cref="ArgumentException">There is none of this id.</exception>
    /// <exception cref="InvalidOperationException">Another request under the id is being answered.</exception>
    public Entry Enter(string id)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out Entry? entry))
            {
                string found = id.Length > 80 ? id[..80] + " …" : id;
                throw new ArgumentException(
                    $"ConversationId: expected an id from StartConversation, found '{found}': this client keeps no such conversation.",
                    nameof(id));
            }
            entry.Enter();
            return entry;
        }
    }

    internal sealed class Entry
    {
        private readonly List<ChatMessage> _messages = [];
        private int _isTaken;

        /// <summary>The turns so far.</summary>
        public IReadOnlyList<ChatMessage> Messages => _messages;

        public void Enter()
        {
            if (Interlocked.Exchange(ref _isTaken, 1) == 0) return;
            throw new InvalidOperationException("Expected one request of a conversation at a time, found another under way.");
        }

        public void Leave() => Volatile.Write(ref _isTaken, 0);

        public void Add(IEnumerable<ChatMessage> asked, ChatMessage answer)
        {
            _messages.AddRange(asked);
            _messages.Add(answer);
        }
    }
}
