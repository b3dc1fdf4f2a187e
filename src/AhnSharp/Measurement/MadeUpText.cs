using System;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Seeds;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>
/// Puts a session behind a long text without reading one: random keys, values, gates, memories and archived blocks stand where computed
/// ones would.
/// </summary>
/// <remarks>
/// For speed alone: how long a step takes depends on how many tokens there are, never on their values. Reading 131,072 tokens with a
/// model of 3B would take an hour.
/// </remarks>
internal sealed class MadeUpText : IWork
{
    private const int Rows = 64;
    private readonly LanguageSession _session;
    private readonly float[] _rows;
    private readonly int _headDim;
    private long _first;
    private int _count;
    private long _end;

    private MadeUpText(LanguageSession session, int headDim, ulong seed)
    {
        (_session, _headDim) = (session, headDim);
        SplitMix64 random = new(seed);
        _rows = new float[(Rows + 1) * headDim];
        foreach (ref float x in _rows.AsSpan()) x = (float)(2 * random.NextDouble() - 1);
    }

    /// <summary>Goes on until the session has seen <paramref name="tokens"/> tokens.</summary>
    public static void Write(CpuModel model, LanguageSession session, long tokens, ulong seed)
    {
        ModelConfig config = model.Config;
        MadeUpText text = new(session, config.HeadDim, seed) { _end = tokens };
        session.CheckRoom(tokens - session.Position);
        int[] ids = SpeedRunner.RandomIds(config.VocabularySize, model.ChunkTokens, seed);
        while (session.Position < tokens)
        {
            (text._first, text._count) = (session.Position, (int)Math.Min(model.ChunkTokens, tokens - session.Position));
            session.Reserve(text._count);
            if (session.Archive is { } archive) text.Turn(archive, ModelRope.Of(config));
            model.Workers.Run(text, config.LayerCount);
            session.KeepSealed();
            session.Advance(ids.AsSpan(0, text._count));
        }
        if (session.Tally.Compressed == 0) return;
        SplitMix64 random = new(seed + 1);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            if (session.HostLayer(layer).Memory is not { } memory) continue;
            memory.Unshare();
            for (int head = 0; head < config.HeadCount; head++)
            {
                foreach (ref float x in memory.Of(head)) x = (float)(0.1 * random.NextDouble() - 0.05);
            }
        }
    }

    void IWork.Run(int item, int worker)
    {
        KvRing ring = _session.HostLayer(item).Ring;
        (long sinksEnd, long windowStart) = ring.Geometry.Held(_end);
        for (long position = _first; position < _first + _count; position++)
        {
            // What the text will have left behind needs no values.
            if (!ring.Geometry.Grows && position >= sinksEnd && position < windowStart) continue;
            for (int head = 0; head < ring.Geometry.KvHeads; head++)
            {
                int key = (int)((position * 7 + head + item) % Rows), value = (int)((position * 5 + head + 1) % Rows);
                ring.Write(head, position, Row(key), Row(value));
            }
            if (ring.Geometry.GatesPerToken == 0) continue;
            foreach (ref float gate in ring.Gates(position)) gate = 0.5f;
        }
        if (_session.Archive is { } archive) Seal(archive, item);
    }

    private void Turn(ArchiveStore archive, Rope rope)
    {
        for (long n = archive.Shape.Sealed(_first), end = archive.Shape.Sealed(_first + _count); n < end; n++) archive.WriteTurn(rope, n);
    }

    private void Seal(ArchiveStore archive, int layer)
    {
        int b = archive.Shape.Block;
        float[] keys = new float[b * _headDim], values = new float[b * _headDim], scratch = new float[b * _headDim];
        for (long n = archive.Shape.Sealed(_first), end = archive.Shape.Sealed(_first + _count); n < end; n++)
        {
            for (int head = 0; head < archive.Shape.KvHeads; head++)
            {
                if (!archive.Shape.Has(layer, head)) continue;
                for (int j = 0; j < b; j++)
                {
                    long position = archive.Shape.First(n) + j;
                    Row((int)((position * 7 + head + layer) % Rows)).CopyTo(keys.AsSpan(j * _headDim));
                    Row((int)((position * 5 + head + 1) % Rows)).CopyTo(values.AsSpan(j * _headDim));
                }
                archive.Seal(n, archive.Shape.Slot(layer, head), keys, values, scratch);
            }
        }
    }

    private Span<float> Row(int row) => _rows.AsSpan(row * _headDim, _headDim);
}
