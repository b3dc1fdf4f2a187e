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
/// <remarks>Two steps on the whole team for at most 1,048,576 estimates at a time: 4 MiB, however long the text is.</remarks>
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
    private int _layer, _part, _firstRow, _blocks, _pieces;
    private bool _estimating;

    public RetrieveWork(ModelConfig config, Scratch scratch, Rope rope, int workers)
    {
        (_config, _scratch, _rope, _workers) = (config, scratch, rope, workers);
        _group = config.HeadCount / config.KvHeadCount;
        _retrieval = new Retrieval(KernelTable.Gemm, rope, _group, config.HeadDim);
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
            _firstRow = first;
            if (_blocks > shape.ExactBlocks)
            {
                Grow(ref _estimates, rows * kvHeads * _blocks);
                _estimating = true;
                workers.Run(this, rows * kvHeads * _pieces);
            }
            if (_chosen.Length < rows * kvHeads * (k + 1)) _chosen = new int[rows * kvHeads * (k + 1)];
            Grow(ref _shares, rows * kvHeads * k);
            _estimating = false;
            workers.Run(this, rows * kvHeads);
            if (Observer is not null || part.Session.ArchiveUse is not null) Tell(part, rows, k);
        }
    }

    void IWork.Run(int item, int worker)
    {
        Pass.Part part = _pass!.Parts[_part];
        ArchiveStore archive = part.Session.Archive!;
        int kvHeads = _config.KvHeadCount, pair = _estimating ? item / _pieces : item;
        int i = _firstRow + pair / kvHeads, kvHead = pair % kvHeads,
            slot = archive.Shape.Slot(_layer, kvHead), blocks = (int)archive.Shape.Sealed(part.Position + i + 1),
            k = archive.Shape.Options.AttendedBlocks;
        if (!_estimating) _chosen[pair * (k + 1)] = 0;
        if (slot < 0 || blocks == 0) return;
        int row = part.Row + i, columns = _group * _config.HeadDim;
        var query = new ArchiveQuery
        {
            Store = archive,
            Slot = slot,
            Position = part.Position + i,
            Blocks = blocks,
            Reach = part.Session.Plan.Reach,
            Queries = _scratch.Query.Row(row).Slice(kvHead * columns, columns),
            FarTurn = part.Position + i > part.Session.Plan.Reach ? _scratch.FarTurns.Row(row) : [],
            LogSums = _scratch.LogSums.Row(row).Slice(kvHead * _group, _group),
        };
        bool exact = blocks <= archive.Shape.ExactBlocks;
        Span<float> estimates = exact ? [] : _estimates.AsSpan(pair * _blocks, blocks);
        if (_estimating)
        {
            int from = item % _pieces * PieceBlocks, count = Math.Min(PieceBlocks, blocks - from);
            if (!exact && count > 0) _retrieval.Estimate(query, from, estimates.Slice(from, count), _own[worker]);
            return;
        }
        RetrievalScratch own = _own[worker];
        _retrieval.Attend(
            query, estimates, _scratch.Attended.Row(row).Slice(kvHead * columns, columns),
            _scratch.ArchiveShares.Row(row).Slice(kvHead * _group, _group), own);
        ReadOnlySpan<int> chosen = own.Chosen.Blocks;
        _chosen[pair * (k + 1)] = chosen.Length;
        chosen.CopyTo(_chosen.AsSpan(pair * (k + 1) + 1));
        own.Shares.AsSpan(0, chosen.Length).CopyTo(_shares.AsSpan(pair * k));
    }

    private void Tell(in Pass.Part part, int rows, int k)
    {
        for (int pair = 0; pair < rows * _config.KvHeadCount; pair++)
        {
            int i = _firstRow + pair / _config.KvHeadCount, kvHead = pair % _config.KvHeadCount, count = _chosen[pair * (k + 1)];
            ReadOnlySpan<int> blocks = _chosen.AsSpan(pair * (k + 1) + 1, count);
            ReadOnlySpan<float> shares = _shares.AsSpan(pair * k, count);
            part.Session.ArchiveUse?.Add(blocks, shares);
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
