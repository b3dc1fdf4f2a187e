using System;
using System.Buffers;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>Makes the index of an archive that was read from a file: the bits that were made when its blocks were sealed.</summary>
internal static class ArchiveIndexing
{
    public static void Of(ArchiveStore archive, ModelConfig config, long blocks)
    {
        Rope rope = ModelRope.Of(config);
        ArchiveShape shape = archive.Shape;
        int centre = shape.Options.CentreBlocks;
        long settled = archive.First > 0 ? archive.First : Math.Min(blocks, centre);
        for (long n = archive.First; n < blocks; n++) archive.WriteTurn(rope, n);
        // The block that settles the centre gives those before it their index; from then on each is its own.
        if (archive.First == 0 && settled == centre) MakeIndex(archive, centre - 1);
        Parallel.For(settled, blocks, n => MakeIndex(archive, n));
    }

    private static void MakeIndex(ArchiveStore archive, long block)
    {
        float[] scratch = ArrayPool<float>.Shared.Rent(archive.Shape.Block * archive.Shape.HeadDim);
        Span<float> keys = scratch.AsSpan(0, archive.Shape.Block * archive.Shape.HeadDim);
        for (int slot = 0; slot < archive.Shape.Heads; slot++) archive.MakeIndex(block, slot, keys);
        ArrayPool<float>.Shared.Return(scratch);
    }
}
