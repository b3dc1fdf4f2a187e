using System;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>What one thread needs to ask an archive of one shape.</summary>
internal sealed class RetrievalScratch
{
    public RetrievalScratch(ArchiveShape shape, int group, Rope rope)
    {
        int d = shape.HeadDim, b = shape.Block;
        (Shape, Scan) = (shape, new IndexScan(shape, KernelTable.Index, group, rope));
        (Queries, Best, Sums) = (new float[group * d], new float[group], new float[group]);
        (Keys, Scores, Output) = (new float[Math.Max(d, group) * b], new float[shape.ExactBlocks * group * b], new float[group * d]);
        (Candidates, Chosen) = (new TopBlocks(shape.ExactBlocks), new TopBlocks(shape.Options.AttendedBlocks));
        Shares = new float[shape.Options.AttendedBlocks];
        (OffsetCos, OffsetSin) = (new float[d / 2 * b], new float[d / 2 * b]);
        Span<float> cos = stackalloc float[d / 2], sin = stackalloc float[d / 2];
        for (int j = 0; j < b; j++)
        {
            rope.Angles(j, cos, sin);
            for (int i = 0; i < d / 2; i++) (OffsetCos[i * b + j], OffsetSin[i * b + j]) = (cos[i], sin[i]);
        }
    }

    public ArchiveShape Shape { get; }

    /// <summary>Whether it serves archives of another shape of the same model too.</summary>
    public bool Fits(ArchiveShape other) => ReferenceEquals(Shape, other)
        || (Shape.Block, Shape.ExactBlocks, Shape.Options.AttendedBlocks, Shape.Options.Type, Shape.Options.AsksInFloats)
            == (other.Block, other.ExactBlocks, other.Options.AttendedBlocks, other.Options.Type, other.Options.AsksInFloats);

    public IndexScan Scan { get; }

    public float[] Queries { get; } // [G, D], turned and scaled
    public float[] Best { get; } // [G]
    public float[] Sums { get; } // [G]
    public float[] Keys { get; } // [D][b], or values [b][D]
    public float[] Scores { get; } // [candidates, G, b]
    public float[] Output { get; } // [G, D]
    public float[] OffsetCos { get; } // [D/2][b], of 0 … b − 1
    public float[] OffsetSin { get; }

    public TopBlocks Candidates { get; }

    /// <summary>R of the last query, best first.</summary>
    public TopBlocks Chosen { get; }

    /// <summary>The mean share of each chosen block in the softmaxes of the group.</summary>
    public float[] Shares { get; }

    public long ByteLength => sizeof(float) * ((long)Queries.Length + Keys.Length + Scores.Length + Output.Length + 2 * OffsetCos.Length)
        + Scan.ByteLength;
}
