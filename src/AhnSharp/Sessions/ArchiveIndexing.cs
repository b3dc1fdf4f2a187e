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
        float[] scratch = new float[archive.Shape.Block * archive.Shape.HeadDim];
        for (long n = archive.First; n < blocks; n++)
        {
            archive.WriteTurn(rope, n);
            for (int slot = 0; slot < archive.Shape.Heads; slot++) archive.MakeIndex(n, slot, scratch);
        }
    }
}
