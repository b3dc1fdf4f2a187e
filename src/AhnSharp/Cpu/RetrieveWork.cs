using System;
using System.Collections.Generic;
using AhnSharp.Archive;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Is told which blocks a token read, best first.</summary>
/// <param name="choice">Of one token, layer and key/value head.</param>
internal delegate void RetrievalObserver(in RetrievedBlocks choice);

/// <summary>Tokens that ask look into the archive: first the index, in pieces of 256 blocks, then what it named.</summary>
/// <remarks>
/// Two steps on the whole team for at most 1,048,576 estimates at a time: 4 MiB, however long the text is. Up to 8 tokens of a question
/// share one reading of the index.
/// </remarks>
internal sealed class RetrieveWork : IWork
{
    private const int PieceBlocks = 256, MaxEstimates = 1 << 20, MaxScratches = 4;
    private readonly ModelConfig _config;
    private readonly Scratch _scratch;
    private readonly Retrieval _retrieval;
    private readonly Rope _rope;
    private readonly int _workers, _group;
    private readonly List<RetrievalScratch[]> _scratches = [];
    private float[] _estimates = []; // [rows, K, blocks]
    private int[] _chosen = []; // [rows, K, k + 1]: how many, then which
    private float[] _shares = []; // [rows, K, k]
    private RetrievalScratch[] _own = [];
    private Pass? _pass;
    private int _layer, _part, _firstRow, _rows, _blocks, _pieces;
    private bool _estimating;

    public RetrieveWork(ModelConfig config, Scratch scratch, Rope rope, int workers)
    {
        (_config, _scratch, _rope, _workers) = (config, scratch, rope, workers);
        _group = config.HeadCount / config.KvHeadCount;
        _retrieval = new Retrieval(KernelTable.Gemm, KernelTable.Block, rope, _group, config.HeadDim);
    }

    /// <summary>Is told of every choice, in the order of the tokens; null: nobody asks.</summary>
    public RetrievalObserver? Observer { get; set; }

    public void Run(int layer, Pass pass, Workers workers)
    {
        (_layer, _pass) = (layer, pass);
        bool asks = false;
        foreach (ref readonly Pass.Part part in pass.Parts) asks |= part.Asks;
        if (!asks) return;
        workers.Profile?.Enter(ProfileStage.Archive);
        _scratch.ArchiveShares.Reshape(pass.Rows, _config.HeadCount);
        _scratch.ArchiveShares.Values.Clear();
        for (int i = 0; i < pass.Parts.Length; i++)
        {
            if (pass.Parts[i].Asks) RunPart(i, pass.Parts[i], workers);
        }
    }

    private void RunPart(int index, in Pass.Part part, Workers workers)
    {
        ArchiveShape shape = part.Session.Archive!.Shape;
        _blocks = (int)shape.Sealed(part.Position + part.Count);
        if (_blocks == 0) return;
        (_part, _own) = (index, ScratchesOf(shape));
        _pieces = (_blocks + PieceBlocks - 1) / PieceBlocks;
        int kvHeads = _config.KvHeadCount, k = shape.Options.AttendedBlocks,
            rowsAtOnce = (int)Math.Clamp(MaxEstimates / ((long)kvHeads * _blocks), 1, part.Count);
        for (int first = 0; first < part.Count; first += rowsAtOnce)
        {
            int rows = Math.Min(rowsAtOnce, part.Count - first);
            (_firstRow, _rows) = (first, rows);
            if (_blocks > shape.ExactBlocks)
            {
                Grow(ref _estimates, rows * kvHeads * _blocks);
                _estimating = true;
                if (workers.Profile is { } profile) CountIndex(profile, shape, rows);
                workers.Run(this, (rows + IndexScan.MaxTokens - 1) / IndexScan.MaxTokens * kvHeads * _pieces);
                workers.Profile?.Enter(ProfileStage.Archive);
            }
            if (_chosen.Length < rows * kvHeads * (k + 1)) _chosen = new int[rows * kvHeads * (k + 1)];
            Grow(ref _shares, rows * kvHeads * k);
            _estimating = false;
            workers.Run(this, rows * kvHeads);
            if (Observer is not null || part.Session.ArchiveUse is not null || part.Session.HeadUse is not null) Tell(part, rows, k);
        }
    }

    // The index of every head is read once for all rows, and each query multiplies with all of it.
    private void CountIndex(StepProfile profile, ArchiveShape shape, int rows)
    {
        profile.Enter(ProfileStage.ArchiveIndex);
        long heads = 0;
        for (int head = 0; head < _config.KvHeadCount; head++) heads += shape.Has(_layer, head) ? 1 : 0;
        profile.Count(
            heads * _blocks * shape.IndexHeadBytes, heads * _blocks * shape.Block * _config.HeadDim * _group * rows);
    }

    void IWork.Run(int item, int worker)
    {
        if (_estimating) Estimate(item, _own[worker]);
        else Attend(item, _own[worker]);
    }

    // Some rows, one key/value head, one piece of the blocks.
    private void Estimate(int item, RetrievalScratch own)
    {
        Pass.Part part = _pass!.Parts[_part];
        ArchiveShape shape = part.Session.Archive!.Shape;
        int from = item % _pieces * PieceBlocks, kvHead = item / _pieces % _config.KvHeadCount,
            firstRow = item / _pieces / _config.KvHeadCount * IndexScan.MaxTokens, count = Math.Min(PieceBlocks, _blocks - from),
            stride = _config.KvHeadCount * _blocks;
        if (!shape.Has(_layer, kvHead)) return;
        Span<float> estimates = _estimates.AsSpan((firstRow * _config.KvHeadCount + kvHead) * _blocks + from);
        own.Scan.Clear();
        for (int i = firstRow; i < Math.Min(_rows, firstRow + IndexScan.MaxTokens); i++)
        {
            ArchiveQuery query = QueryOf(part, i, kvHead);
            if (shape.EstimatesInBytes) own.Scan.Add(query);
            else _retrieval.Estimate(query, from, estimates.Slice((i - firstRow) * stride, count), own);
        }
        own.Scan.Run(from, count, estimates, stride);
    }

    // One row and key/value head.
    private void Attend(int item, RetrievalScratch own)
    {
        Pass.Part part = _pass!.Parts[_part];
        ArchiveShape shape = part.Session.Archive!.Shape;
        int kvHeads = _config.KvHeadCount, i = item / kvHeads, kvHead = item % kvHeads, row = part.Row + _firstRow + i,
            k = shape.Options.AttendedBlocks, columns = _group * _config.HeadDim;
        _chosen[item * (k + 1)] = 0;
        if (!shape.Has(_layer, kvHead)) return;
        ArchiveQuery query = QueryOf(part, i, kvHead);
        if (query.Blocks == 0) return;
        _retrieval.Attend(
            query, query.Blocks <= shape.ExactBlocks ? [] : _estimates.AsSpan(item * _blocks, query.Blocks),
            _scratch.Attended.Row(row).Slice(kvHead * columns, columns),
            _scratch.ArchiveShares.Row(row).Slice(kvHead * _group, _group), own);
        ReadOnlySpan<int> chosen = own.Chosen.Blocks;
        _chosen[item * (k + 1)] = chosen.Length;
        chosen.CopyTo(_chosen.AsSpan(item * (k + 1) + 1));
        own.Shares.AsSpan(0, chosen.Length).CopyTo(_shares.AsSpan(item * k));
    }

    private ArchiveQuery QueryOf(in Pass.Part part, int i, int kvHead)
    {
        ArchiveStore archive = part.Session.Archive!;
        int row = part.Row + _firstRow + i, columns = _group * _config.HeadDim;
        long position = part.Position + _firstRow + i;
        return new ArchiveQuery
        {
            Store = archive,
            Slot = archive.Shape.Slot(_layer, kvHead),
            Position = position,
            Blocks = (int)archive.Shape.Sealed(position + 1),
            Reach = part.Session.Plan.Reach,
            Queries = _scratch.Query.Row(row).Slice(kvHead * columns, columns),
            FarTurn = position > part.Session.Plan.Reach ? _scratch.FarTurns.Row(row) : [],
            LogSums = _scratch.LogSums.Row(row).Slice(kvHead * _group, _group),
        };
    }

    private void Tell(in Pass.Part part, int rows, int k)
    {
        for (int pair = 0; pair < rows * _config.KvHeadCount; pair++)
        {
            int i = _firstRow + pair / _config.KvHeadCount, kvHead = pair % _config.KvHeadCount, count = _chosen[pair * (k + 1)];
            ReadOnlySpan<int> blocks = _chosen.AsSpan(pair * (k + 1) + 1, count);
            ReadOnlySpan<float> shares = _shares.AsSpan(pair * k, count);
            part.Session.ArchiveUse?.Add(blocks, shares);
            part.Session.HeadUse?.Add(_layer, kvHead, blocks, shares);
            Observer?.Invoke(new RetrievedBlocks(
                part.Session, _layer, kvHead, part.Position + i, blocks, shares,
                _scratch.ArchiveShares.Row(part.Row + i).Slice(kvHead * _group, _group)));
        }
    }

    // Sessions of a model mostly have archives of one shape.
    private RetrievalScratch[] ScratchesOf(ArchiveShape shape)
    {
        foreach (RetrievalScratch[] kept in _scratches)
        {
            if (kept[0].Fits(shape)) return kept;
        }
        if (_scratches.Count == MaxScratches) _scratches.RemoveAt(0);
        var made = new RetrievalScratch[_workers];
        for (int w = 0; w < made.Length; w++) made[w] = new RetrievalScratch(shape, _group, _rope);
        _scratches.Add(made);
        return made;
    }

    private static void Grow(ref float[] values, int length)
    {
        if (values.Length >= length) return;
        values = GC.AllocateUninitializedArray<float>((int)Math.Max(length, Math.Min(2L * values.Length, MaxEstimates)));
    }
}
