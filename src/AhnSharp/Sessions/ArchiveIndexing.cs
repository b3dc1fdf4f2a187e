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
        for (long n = archive.First; n < blocks; n++) archive.WriteTurn(rope, n);
        // Each head's index is made by one thread, in the order of the blocks.
        Parallel.For(
            0, archive.Shape.Heads, () => new float[archive.Shape.Block * archive.Shape.HeadDim],
            (slot, _, scratch) =>
            {
                for (long n = archive.First; n < blocks; n++) archive.MakeIndex(n, slot, scratch);
                return scratch;
            },
            static _ => { });
    }
}
