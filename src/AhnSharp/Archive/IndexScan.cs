using System;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>
/// Estimates for a few tokens of a text and the blocks of one head, from the index alone, which is read once for all of them.
/// </summary>
internal sealed class IndexScan
{
    /// <summary>Tokens at once: with 7 query heads a block's index is multiplied 56 times while it lies in the first cache.</summary>
    public const int MaxTokens = 8;

    private readonly IndexQueries _queries;
    private readonly float _factor;
    private readonly int _headDim;
    private readonly long[] _positions = new long[MaxTokens];
    private readonly bool[] _isFar = new bool[MaxTokens]; // turned to reach: as every block beyond it sees them
    private readonly float[] _farTurns; // [tokens, D]
    private readonly float[] _logSums; // [tokens, G]
    private readonly float[] _best; // [tokens, G]
    private ArchiveStore? _store;
    private int _slot, _tokens;
    private long _reach;

    public IndexScan(ArchiveShape shape, IndexKernel kernel, int group, Rope rope)
    {
        _queries = new IndexQueries(shape, kernel, group, MaxTokens);
        (_factor, _headDim) = (rope.Magnitude / MathF.Sqrt(shape.HeadDim), shape.HeadDim);
        (_farTurns, _logSums, _best) = (new float[MaxTokens * _headDim], new float[MaxTokens * group], new float[MaxTokens * group]);
    }

    public long ByteLength => _queries.ByteLength + sizeof(float) * ((long)_farTurns.Length + _logSums.Length + _best.Length);

    /// <summary>Forgets the tokens.</summary>
    public void Clear() => (_store, _tokens) = (null, 0);

    /// <summary>Takes one token more; all are of one text and head.</summary>
    public void Add(in ArchiveQuery query)
    {
        (_store, _slot, _reach) = (query.Store, query.Slot, query.Reach);
        (_positions[_tokens], _isFar[_tokens]) = (query.Position, false);
        _queries.Set(_tokens, query.Queries, _factor);
        query.FarTurn.CopyTo(_farTurns.AsSpan(_tokens * _headDim));
        query.LogSums.CopyTo(_logSums.AsSpan(_tokens * _queries.Group));
        _tokens++;
    }

    /// <summary>c of blocks <paramref name="from"/> … end − 1 for every token.</summary>
    /// <param name="from">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="estimates">[tokens][<paramref name="stride"/>].</param>
    /// <param name="stride">From one token to the next.</param>
    public void Run(int from, int count, Span<float> estimates, int stride)
    {
        if (_tokens == 0) return;
        ReadOnlySpan<float> centre = _store!.Centre(_slot);
        Span<float> best = _best.AsSpan(0, _tokens * _queries.Group);
        // What is dropped is offered to nobody.
        for (int i = (int)Math.Clamp(_store.First - from, 0, count); i < count; i++)
        {
            int block = from + i;
            ReadOnlySpan<byte> index = _store.Index(block, _slot);
            if (i + 1 < count)
            {
                ReadOnlySpan<byte> next = _store.Index(block + 1, _slot);
                Prefetch.IntoSecondCache(in next[0], next.Length);
            }
            for (int t = 0; t < _tokens; t++) Turn(t, block, centre);
            _queries.Score(index, best);
            for (int t = 0; t < _tokens; t++)
            {
                int first = t * _queries.Group;
                estimates[t * stride + i] = Retrieval.LargestLead(
                    _logSums.AsSpan(first, _queries.Group), best.Slice(first, _queries.Group));
            }
        }
    }

    // Blocks beyond reach see the queries alike, and lie before all others.
    private void Turn(int token, int block, ReadOnlySpan<float> centre)
    {
        bool far = _positions[token] - _store!.Shape.First(block) > _reach;
        if (far && _isFar[token]) return;
        _queries.Turn(token, far ? _farTurns.AsSpan(token * _headDim, _headDim) : _store.Turn(block), centre);
        _isFar[token] = far;
    }
}
