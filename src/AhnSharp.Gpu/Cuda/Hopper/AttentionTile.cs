using System.Text;
using static AhnSharp.Gpu.Cuda.Hopper.AttentionText;
using static AhnSharp.Gpu.Cuda.Hopper.PtxText;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>PTX of what <see cref="AttentionText"/> does with a tile of keys and values.</summary>
internal static class AttentionTile
{
    // −1e30: below every maximum, so that its power of two is 0.
    private const string Unseen = "0fF149F2CA";

    /// <summary>Waits for a tile, and multiplies the queries by its keys.</summary>
    public static void Scores(StringBuilder text)
    {
        Lines(text, $"""
            TILE:
            mad.lo.u32 barrier, stage, 16, barriers;
            FULL:
            mbarrier.try_wait.parity.shared::cta.b64 p, [barrier], parity;
            @!p bra FULL;
            fence.proxy.async.shared::cta;
            mul.wide.u32 wide, stage, {Stage / 16};
            add.u64 dk, dkFirst, wide;
            add.u64 dv, dvFirst, wide;
            setp.ne.u32 q, heads, heads;
            wgmma.fence.sync.aligned;
            """);
        for (int i = 0; i < 16; i++)
        {
            int k = i % 8, panel = k / 4, column = k % 4 * 32;
            Lines(text, $"""
                add.u64 wide, dq, {(i / 8 * Rounded + panel * QueryPanel + column) / 16};
                add.u64 wide1, dk, {(panel * Panel + column) / 16};
                wgmma.mma_async.sync.aligned.m64n{Keys}k16.f32.f16.f16 {Vector("s", 0, 32)}, wide, wide1, q, 1, 1, 0, 0;
                """);
            if (i == 0) Lines(text, $"setp.eq.u32 q, heads, heads;");
        }
        Lines(text, $"wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;");
    }

    /// <summary>Where not every query of the group sees every key of the tile.</summary>
    public static void Mask(StringBuilder text)
    {
        Lines(text, $"""
            mul.lo.u32 index, tile, {Keys};
            add.u32 r4, index, {Keys};
            setp.gt.u32 isEdge, r4, visible;
            sub.u32 r1, r4, 1;
            """);
        Position(text, "r1", "key");
        Lines(text, $"setp.gt.u32 p, key, first;\nor.pred isEdge, isEdge, p;");
        Position(text, "index", "key");
        Lines(text, $"""
            sub.u32 r2, last, key;
            setp.ge.u32 p, r2, window;
            setp.ne.u32 q, window, 0;
            and.pred p, p, q;
            setp.gt.u32 q, r4, before;
            and.pred p, p, q;
            or.pred isEdge, isEdge, p;
            @!isEdge bra OPEN;
            """);
        for (int i = 0; i < 16; i++)
        {
            Lines(text, $"add.u32 r1, index, {i / 2 * 8 + i % 2};\nadd.u32 r1, r1, column;");
            Position(text, "r1", "key");
            Sees("t0", i / 2 * 4 + i % 2);
            Sees("t1", i / 2 * 4 + i % 2 + 2);
        }
        Lines(text, $"OPEN:");

        // key ≤ t, and t − key < W, everything stays, or it is a sink.
        void Sees(string t, int score) => Lines(text, $"""
            sub.u32 r2, {t}, key;
            setp.lt.u32 sees, r2, window;
            setp.eq.u32 p, window, 0;
            or.pred sees, sees, p;
            setp.lt.u32 p, key, sinks;
            or.pred sees, sees, p;
            setp.le.u32 p, key, {t};
            and.pred sees, sees, p;
            @!sees mov.f32 s{score}, {Unseen};
            """);
    }

    /// <summary>RingShape.PositionOf; r3 and p are written.</summary>
    public static void Position(StringBuilder text, string index, string position) => Lines(text, $"""
        setp.lt.u32 p, {index}, before;
        add.u32 r3, start, {index};
        sub.u32 r3, r3, before;
        selp.u32 {position}, {index}, r3, p;
        """);

    /// <summary>Running maximum and sum of one row of a lane; its scores become weights.</summary>
    public static void Weights(StringBuilder text, string max, string sum, string decay, int first)
    {
        Lines(text, $"mov.f32 f0, {max};");
        for (int i = 0; i < 16; i++) Lines(text, $"max.f32 f0, f0, s{Score(i)};");
        Lines(text, $"""
            shfl.sync.bfly.b32 f1, f0, 1, 0x1f, 0xffffffff;
            max.f32 f0, f0, f1;
            shfl.sync.bfly.b32 f1, f0, 2, 0x1f, 0xffffffff;
            max.f32 f0, f0, f1;
            sub.f32 f1, {max}, f0;
            ex2.approx.ftz.f32 {decay}, f1;
            mov.f32 {max}, f0;
            mul.f32 {sum}, {sum}, {decay};
            """);
        for (int i = 0; i < 16; i++)
        {
            Lines(text, $"""
                sub.f32 s{Score(i)}, s{Score(i)}, f0;
                ex2.approx.ftz.f32 s{Score(i)}, s{Score(i)};
                add.f32 {sum}, {sum}, s{Score(i)};
                """);
        }

        int Score(int i) => i / 2 * 4 + i % 2 + first;
    }

    /// <summary>o ← decay · o + weights · values.</summary>
    public static void Add(StringBuilder text)
    {
        for (int i = 0; i < 16; i++) Lines(text, $"cvt.rn.f16x2.f32 w{i}, s{2 * i + 1}, s{2 * i};");
        for (int i = 0; i < 64; i++) Lines(text, $"mul.f32 o{i}, o{i}, decay{i / 2 % 2};");
        Lines(text, $"setp.eq.u32 q, heads, heads;\nwgmma.fence.sync.aligned;");
        for (int k = 0; k < Keys / 16; k++)
        {
            Lines(text, $"""
                add.u64 wide, dv, {k * 16 * 128 / 16};
                wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {Vector("o", 0, 64)}, {Vector("w", 4 * k, 4)}, wide, q, 1, 1, 1;
                """);
        }
        Lines(text, $"""
            wgmma.commit_group.sync.aligned;
            wgmma.wait_group.sync.aligned 0;
            @isFirst mbarrier.arrive.shared::cta.b64 _, [barrier+8];
            """);
        NextStage(text, Stages);
        Lines(text, $"""
            add.u32 tile, tile, 1;
            setp.lt.u32 p, tile, tiles;
            @p bra TILE;
            """);
    }
}
