using System;
using System.Globalization;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>What an archive of one model and session is: which heads, where their bytes lie in a block, when a block is sealed.</summary>
/// <remarks>
/// A block, for each (layer, key/value head) of the archive in order: key codes [D][b], the token fastest, so that 16 tokens are scored
/// side by side; value codes [b][D]; key scales [groups][b]; value scales [b][groups], f32; a group is D codes of 8 bits, 32 of 4
/// (two codes a byte, the even one low), and F32 has no scales. Then the ids of its tokens [b] s32 and a CRC32C of all before.
/// The index of a block: RoPE turns [D] (cos, then sin, of minus its first position); for each head K̄ − μ as <see cref="IndexKernel"/>
/// lays it.
/// </remarks>
internal sealed class ArchiveShape
{
    private readonly long _mostBlocks = long.MaxValue, _dropBlocks = ArchiveStore.SegmentBlocks;
    private readonly int[] _slots; // [layer][head]: which of the archive's heads, or −1
    private readonly int _kvHeads;

    /// <param name="options">Checked.</param>
    /// <param name="layers">Layers of the network.</param>
    /// <param name="kvHeads">K.</param>
    /// <param name="headDim">D.</param>
    /// <param name="hasWindow">Whether tokens leave a layer.</param>
    /// <param name="sinks">S.</param>
    /// <param name="window">W.</param>
    public ArchiveShape(ArchiveOptions options, int layers, int kvHeads, int headDim, Func<int, bool> hasWindow, int sinks, int window)
    {
        (Options, Layers, HeadDim, Sinks, Window, _kvHeads) = (options, layers, headDim, sinks, window, kvHeads);
        if (headDim % 8 != 0 || headDim % IndexGroup != 0)
        {
            throw new NotSupportedException(
                $"An archive needs a head dimension of 8, 16, 24 or a multiple of 32, and this model has {headDim}: "
                + "leave the archive out.");
        }
        _slots = new int[layers * kvHeads];
        Array.Fill(_slots, -1);
        foreach ((int layer, int head) in options.Heads ?? [])
        {
            if ((uint)layer >= (uint)layers || (uint)head >= (uint)kvHeads || !hasWindow(layer))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options), $"Expected heads of the archive among {layers} layers × {kvHeads} key/value heads whose layer "
                    + $"has a window, found head {head} of layer {layer}.");
            }
            _slots[layer * kvHeads + head] = 0;
        }
        for (int i = 0; i < _slots.Length; i++)
            _slots[i] = options.Heads is null ? hasWindow(i / kvHeads) ? Heads++ : -1 : _slots[i] == 0 ? Heads++ : -1;
        if (options.LimitBytes is not { } limit) return;
        if (limit < LeastLimit)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), string.Create(
                    CultureInfo.InvariantCulture,
                    $"Expected a limit of the archive of at least {LeastLimit:N0} bytes, found {limit:N0}."));
        }
        _mostBlocks = limit / BlockBytes;
        _dropBlocks = Math.Max(1, _mostBlocks / 8 / ArchiveStore.SegmentBlocks) * ArchiveStore.SegmentBlocks;
    }

    /// <summary>How it is asked.</summary>
    public ArchiveOptions Options { get; }

    /// <summary>Layers of the network.</summary>
    public int Layers { get; }

    /// <summary>(layer, key/value head) pairs that have one.</summary>
    public int Heads { get; }

    /// <summary>K of the network.</summary>
    public int KvHeads => _kvHeads;

    /// <summary>D.</summary>
    public int HeadDim { get; }

    /// <summary>S.</summary>
    public int Sinks { get; }

    /// <summary>W.</summary>
    public int Window { get; }

    /// <summary>b.</summary>
    public int Block => Options.BlockTokens;

    /// <summary>Blocks up to which all are scored exactly.</summary>
    public int ExactBlocks => Math.Max(Options.Candidates, Options.CentreBlocks);

    /// <summary>Whether there is an index beside the keys.</summary>
    public bool HasIndex => Options.Type != ArchiveType.F32;

    /// <summary>Whether keys are turned while they are signed bytes.</summary>
    public bool TurnsBytes => Options.Type == ArchiveType.EightBits && Block % BlockKernel.Tokens == 0;

    /// <summary>Whether blocks are estimated by <see cref="IndexScan"/>.</summary>
    public bool EstimatesInBytes => HasIndex && !Options.AsksInFloats;

    /// <summary>Dimensions under one scale of the index.</summary>
    public int IndexGroup => Math.Min(IndexKernel.GroupLength, HeadDim);

    /// <summary>Groups of the index: a head dimension below 32 is one that zeros fill.</summary>
    public int IndexGroups => HeadDim / IndexGroup;

    /// <summary>Codes under one scale of a key or value.</summary>
    public int Group => Options.Type == ArchiveType.FourBits ? IndexGroup : HeadDim;

    /// <summary>Bytes of the codes of a block's keys of one head, or of its values.</summary>
    public int CodeBytes => Options.Type switch
    {
        ArchiveType.EightBits => Block * HeadDim,
        ArchiveType.FourBits => Block * HeadDim / 2,
        _ => sizeof(float) * Block * HeadDim,
    };

    /// <summary>Bytes of their scales.</summary>
    public int ScaleBytes => Options.Type == ArchiveType.F32 ? 0 : sizeof(float) * Block * (HeadDim / Group);

    /// <summary>Bytes of keys and values of one head.</summary>
    public int HeadBytes => 2 * (CodeBytes + ScaleBytes);

    /// <summary>Where the ids of a block's tokens begin.</summary>
    public long IdsOffset => (long)Heads * HeadBytes;

    /// <summary>Where the checksum of a block lies.</summary>
    public long ChecksumOffset => IdsOffset + sizeof(int) * Block;

    /// <summary>Bytes of a block: a multiple of 64.</summary>
    public long BlockBytes => (ChecksumOffset + sizeof(uint) + 63) / 64 * 64;

    /// <summary>
    /// The least <see cref="ArchiveOptions.LimitBytes"/>: what is scored exactly and the blocks of the centre, which must be settled
    /// before any is dropped.
    /// </summary>
    public long LeastLimit => (ExactBlocks + 2 * ArchiveStore.SegmentBlocks) * BlockBytes;

    /// <summary>Bytes of the index of one block and head.</summary>
    public int IndexHeadBytes => HasIndex ? IndexKernel.KeyBytes(Block, IndexGroups) : 0;

    /// <summary>Bytes of the turns of a block.</summary>
    public int TurnBytes => sizeof(float) * HeadDim;

    /// <summary>Bytes of the index of a block.</summary>
    public long IndexBytes => TurnBytes + (long)Heads * IndexHeadBytes;

    /// <summary>Whether a head of a layer has an archive.</summary>
    public bool Has(int layer, int kvHead) => Slot(layer, kvHead) >= 0;

    /// <summary>Which of the archive's heads it is; −1: it has none.</summary>
    public int Slot(int layer, int kvHead) => _slots[layer * _kvHeads + kvHead];

    /// <summary>Which heads have one, as bytes: the same for the same heads.</summary>
    public ReadOnlySpan<byte> SlotBytes => MemoryMarshal.AsBytes<int>(_slots);

    /// <summary>N: blocks that are sealed once <paramref name="tokens"/> were seen.</summary>
    public long Sealed(long tokens) => Math.Max(0, tokens - Window - Sinks) / Block;

    /// <summary>The first block that is left where the archive is limited, once <paramref name="blocks"/> were sealed; else 0.</summary>
    public long FirstKept(long blocks) =>
        blocks <= _mostBlocks ? 0 : (blocks - _mostBlocks + _dropBlocks - 1) / _dropBlocks * _dropBlocks;

    /// <summary>Blocks that are left once <paramref name="tokens"/> were seen.</summary>
    public long KeptOf(long tokens) => Sealed(tokens) - FirstKept(Sealed(tokens));

    /// <summary>p: the first position of a block.</summary>
    public long First(long block) => Sinks + block * Block;
}
