using System.Globalization;
using System.Text;
using static AhnSharp.Gpu.Cuda.Hopper.PtxText;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>
/// The PTX of attention of many consecutive tokens with heads of 128, for GPUs of compute capability 9.0.
/// <see cref="Kernels.PrefillAttention"/> says in C# what it computes.
/// </summary>
/// <remarks>
/// <para>A group of 384 threads takes 128 queries of a head. Warps 8 … 11 copy keys and values of 64 visible keys at a time into one of
/// four stages of shared memory; warps 0 … 3 have queries 0 … 63, warps 4 … 7 the others, so that one multiplies while the other takes
/// maxima and powers. Queries are in shared memory as halves and as what rounding took; weights become halves in registers.</para>
/// <para>Rows of 128 bytes, two panels of 64 dimensions, chunk c of row r at c ^ r%8: wgmma's 128-byte swizzle. A lane holds, of eight keys
/// from 8j, queries lane/4 (s4j, s4j+1) and lane/4 + 8 (s4j+2, s4j+3), keys 2·(lane%4) and the next; o likewise of dimensions. Source:
/// NVIDIA, Parallel Thread Execution ISA 8.8.</para>
/// </remarks>
internal static class AttentionText
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 384;

    /// <summary>Queries of a group.</summary>
    public const int Queries = 128;

    /// <summary>The name of the kernel in the text.</summary>
    public const string Name = "attention";

    // Keys of a tile; bytes of its panels of 64 dimensions, two of keys and two of values; of the queries' panels, and where what rounding
    // took lies behind them.
    internal const int Keys = 64, Stages = 4, Panel = Keys * 128, Stage = 4 * Panel, QueryPanel = Queries * 128, Rounded = 2 * QueryPanel;

    private const int QueryBytes = 2 * Rounded;

    // −1e20: a score that no key has.
    private const string Lowest = "0fE0AD78EC";

    /// <summary>Bytes of shared memory of a group.</summary>
    public const int SharedBytes = QueryBytes + Stages * (Stage + 16);

    /// <summary>The text.</summary>
    public static string Of()
    {
        StringBuilder text = new(64 << 10);
        Head(text);
        Queried(text);
        AttentionTile.Scores(text);
        AttentionTile.Mask(text);
        AttentionTile.Weights(text, "max0", "sum0", "decay0", 0);
        AttentionTile.Weights(text, "max1", "sum1", "decay1", 2);
        AttentionTile.Add(text);
        Store(text);
        Copy(text);
        text.Append("DONE:\n    ret;\n}\n");
        return text.ToString();
    }

    private static void Head(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $$"""
            .version 8.0
            .target sm_90a
            .address_size 64
            .extern .shared .align 1024 .b8 stages[];
            .visible .entry {{Name}}(.param .align 8 .b8 arguments[72])
            .reqntid {{Threads}}, 1, 1
            {
                .reg .f32 o<64>, s<32>;
                .reg .f32 scale, max0, max1, sum0, sum1, decay0, decay1, f0, f1, f2, f3;
                .reg .pred p, q, sees, isFirst, isEdge;
                .reg .b16 h0, h1;
                .reg .b32 w<16>;
                .reg .b32 thread, warp, group, lane, position, count, heads, kvHeads, sinks, sinkSlots, ringSlots, window, head, kvHead;
                .reg .b32 shared, barriers, barrier, stage, parity, tile, tiles, firstRow, lastRow, first, last, start, before, visible;
                .reg .b32 index, key, slot, row, column, t0, t1, i, r1, r2, r3, r4;
                .reg .b64 query, keys, values, output, next, from, wide, wide1, dq, dk, dv, dkFirst, dvFirst;
                ld.param.u64 query, [arguments];
                ld.param.u64 keys, [arguments+8];
                ld.param.u64 values, [arguments+16];
                ld.param.u64 output, [arguments+24];
                ld.param.u32 position, [arguments+32];
                ld.param.u32 count, [arguments+36];
                ld.param.u32 heads, [arguments+40];
                ld.param.u32 kvHeads, [arguments+44];
                ld.param.u32 sinks, [arguments+48];
                ld.param.u32 sinkSlots, [arguments+52];
                ld.param.u32 ringSlots, [arguments+56];
                ld.param.u32 window, [arguments+60];
                ld.param.f32 scale, [arguments+64];

            """);
        // The last queries first: they see most. Visible keys: RingShape.WindowStart and Visible of the group's first and last query.
        Lines(text, $"""
            mov.u32 thread, %tid.x;
            shr.u32 warp, thread, 5;
            shr.u32 group, warp, 2;
            and.b32 lane, thread, 31;
            mov.u32 shared, stages;
            add.u32 barriers, shared, {QueryBytes + Stages * Stage};
            mov.u32 head, %ctaid.y;
            div.u32 r1, heads, kvHeads;
            div.u32 kvHead, head, r1;
            mov.u32 r1, %nctaid.x;
            mov.u32 r2, %ctaid.x;
            sub.u32 r1, r1, r2;
            sub.u32 r1, r1, 1;
            mul.lo.u32 firstRow, r1, {Queries};
            add.u32 r1, firstRow, {Queries};
            min.u32 r1, r1, count;
            sub.u32 lastRow, r1, 1;
            add.u32 first, position, firstRow;
            add.u32 last, position, lastRow;
            sub.s32 start, first, window;
            add.s32 start, start, 1;
            max.s32 start, start, 0;
            setp.eq.u32 p, window, 0;
            @p mov.u32 start, 0;
            min.u32 before, start, sinks;
            add.u32 visible, before, last;
            add.u32 visible, visible, 1;
            sub.u32 visible, visible, start;
            add.u32 tiles, visible, {Keys - 1};
            div.u32 tiles, tiles, {Keys};
            mov.u32 stage, 0;
            mov.u32 tile, 0;
            setp.ne.u32 p, thread, 0;
            @p bra READY;
            """);
        // Full when 128 threads' copies are there, empty when eight warps have read.
        Barriers(text, Stages, 128, 8);
        Lines(text, $"""
            fence.mbarrier_init.release.cluster;
            READY:
            bar.sync 0;
            setp.eq.u32 p, group, 2;
            @p bra COPY;
            """);
    }

    /// <summary>64 queries of four warps, two threads a row: times the scale, as halves, and what rounding took.</summary>
    private static void Queried(StringBuilder text)
    {
        Lines(text, $"""
            and.b32 r1, thread, 127;
            shr.u32 row, r1, 1;
            and.b32 column, r1, 1;
            mad.lo.u32 r2, group, 64, row;
            add.u32 r3, firstRow, r2;
            min.u32 r3, r3, lastRow;
            mad.lo.u32 r3, r3, heads, head;
            mul.wide.u32 wide, r3, 512;
            add.u64 from, query, wide;
            mul.wide.u32 wide, column, 256;
            add.u64 from, from, wide;
            mad.lo.u32 r4, column, {QueryPanel}, shared;
            mad.lo.u32 r4, r2, 128, r4;
            and.b32 r2, r2, 7;
            mov.u32 i, 0;
            QUERY:
            ld.global.v4.f32 {"{s0, s1, s2, s3}"}, [from];
            ld.global.v4.f32 {"{s4, s5, s6, s7}"}, [from+16];
            """);
        for (int pair = 0; pair < 4; pair++)
        {
            Lines(text, $"""
                mul.f32 f0, s{2 * pair}, scale;
                mul.f32 f1, s{2 * pair + 1}, scale;
                cvt.rn.f16x2.f32 w{pair}, f1, f0;
                mov.b32 {"{h0, h1}"}, w{pair};
                cvt.f32.f16 f2, h0;
                cvt.f32.f16 f3, h1;
                sub.f32 f0, f0, f2;
                sub.f32 f1, f1, f3;
                cvt.rn.f16x2.f32 w{pair + 4}, f1, f0;
                """);
        }
        Lines(text, $"""
            xor.b32 r1, i, r2;
            mad.lo.u32 r1, r1, 16, r4;
            st.shared.v4.b32 [r1], {"{w0, w1, w2, w3}"};
            st.shared.v4.b32 [r1+{Rounded}], {"{w4, w5, w6, w7}"};
            add.u64 from, from, 32;
            add.u32 i, i, 1;
            setp.lt.u32 p, i, 8;
            @p bra QUERY;
            fence.proxy.async.shared::cta;
            add.u32 r1, group, 1;
            bar.sync r1, 128;
            """);
        // Keys have their entries beside each other, as queries have; values have them across, two panels of them in a product.
        Shared("dq", "group", Queries / 2 * 128, 0, Descriptor(0, 1024));
        Shared("dkFirst", "stage", 0, QueryBytes, Descriptor(0, 1024));
        Shared("dvFirst", "stage", 0, QueryBytes + 2 * Panel, Descriptor(Panel, 1024));
        Lines(text, $"""
            and.b32 r1, warp, 3;
            mul.lo.u32 r1, r1, 16;
            shr.u32 r2, lane, 2;
            add.u32 row, r1, r2;
            mad.lo.u32 row, group, 64, row;
            add.u32 row, row, firstRow;
            add.u32 t0, position, row;
            add.u32 t1, t0, 8;
            and.b32 column, lane, 3;
            shl.b32 column, column, 1;
            setp.eq.u32 isFirst, lane, 0;
            mov.u32 parity, 0;
            mov.f32 max0, {Lowest};
            mov.f32 max1, {Lowest};
            mov.f32 sum0, 0f00000000;
            mov.f32 sum1, 0f00000000;
            """);
        for (int i = 0; i < 64; i++) Lines(text, $"mov.f32 o{i}, 0f00000000;");

        void Shared(string name, string times, int bytes, int offset, ulong descriptor) => Lines(text, $"""
            mad.lo.u32 r1, {times}, {bytes}, shared;
            add.u32 r1, r1, {offset};
            and.b32 r1, r1, 0x3FFFF;
            shr.u32 r1, r1, 4;
            cvt.u64.u32 {name}, r1;
            or.b64 {name}, {name}, {descriptor};
            """);
    }

    private static void Store(StringBuilder text)
    {
        Share("sum0");
        Share("sum1");
        Lines(text, $"""
            mad.lo.u32 r1, row, heads, head;
            mul.wide.u32 wide, r1, 512;
            add.u64 output, output, wide;
            mul.wide.u32 wide, column, 4;
            add.u64 output, output, wide;
            mul.wide.u32 wide, heads, {8 * 512};
            add.u64 next, output, wide;
            setp.le.u32 p, row, lastRow;
            add.u32 r1, row, 8;
            setp.le.u32 q, r1, lastRow;
            """);
        for (int j = 0; j < 16; j++)
        {
            Lines(text, $"""
                mul.f32 f0, o{4 * j}, sum0;
                mul.f32 f1, o{4 * j + 1}, sum0;
                @p st.global.v2.f32 [output+{32 * j}], {"{f0, f1}"};
                mul.f32 f2, o{4 * j + 2}, sum1;
                mul.f32 f3, o{4 * j + 3}, sum1;
                @q st.global.v2.f32 [next+{32 * j}], {"{f2, f3}"};
                """);
        }
        Lines(text, $"bra DONE;");

        // The sum over the four lanes of a row, inverted.
        void Share(string sum) => Lines(text, $"""
            shfl.sync.bfly.b32 f1, {sum}, 1, 0x1f, 0xffffffff;
            add.f32 {sum}, {sum}, f1;
            shfl.sync.bfly.b32 f1, {sum}, 2, 0x1f, 0xffffffff;
            add.f32 {sum}, {sum}, f1;
            rcp.approx.f32 {sum}, {sum};
            """);
    }

    /// <summary>Eight threads a row of a panel, four rows a thread; keys beyond the last repeat it.</summary>
    private static void Copy(StringBuilder text)
    {
        Lines(text, $"""
            COPY:
            mov.u32 parity, 1;
            and.b32 r1, thread, 127;
            and.b32 column, r1, 7;
            shr.u32 row, r1, 3;
            COPYTILE:
            setp.ge.u32 p, tile, tiles;
            @p bra COPIED;
            mad.lo.u32 barrier, stage, 16, barriers;
            EMPTY:
            mbarrier.try_wait.parity.shared::cta.b64 p, [barrier+8], parity;
            @!p bra EMPTY;
            mad.lo.u32 r4, stage, {Stage}, shared;
            add.u32 r4, r4, {QueryBytes};
            mad.lo.u32 index, tile, {Keys}, row;
            mov.u32 i, 0;
            COPYROW:
            mad.lo.u32 r1, i, 16, index;
            sub.u32 r2, visible, 1;
            min.u32 r1, r1, r2;
            """);
        AttentionTile.Position(text, "r1", "key");
        // RingShape.Slot.
        Lines(text, $"""
            setp.eq.u32 p, ringSlots, 0;
            setp.lt.u32 q, key, sinks;
            or.pred p, p, q;
            max.u32 r3, ringSlots, 1;
            sub.u32 slot, key, sinks;
            rem.u32 slot, slot, r3;
            add.u32 slot, slot, sinkSlots;
            selp.u32 slot, key, slot, p;
            mad.lo.u32 r3, slot, kvHeads, kvHead;
            mul.wide.u32 wide, r3, 256;
            mul.wide.u32 wide1, column, 16;
            add.u64 wide, wide, wide1;
            add.u64 from, keys, wide;
            add.u64 wide1, values, wide;
            mad.lo.u32 r2, i, 16, row;
            mad.lo.u32 r1, r2, 128, r4;
            and.b32 r2, r2, 7;
            xor.b32 r2, r2, column;
            mad.lo.u32 r1, r2, 16, r1;
            cp.async.cg.shared.global [r1], [from], 16;
            cp.async.cg.shared.global [r1+{Panel}], [from+128], 16;
            cp.async.cg.shared.global [r1+{2 * Panel}], [wide1], 16;
            cp.async.cg.shared.global [r1+{3 * Panel}], [wide1+128], 16;
            add.u32 i, i, 1;
            setp.lt.u32 p, i, {Keys / 16};
            @p bra COPYROW;
            cp.async.mbarrier.arrive.noinc.shared::cta.b64 [barrier];
            """);
        NextStage(text, Stages);
        Lines(text, $"""
            add.u32 tile, tile, 1;
            bra COPYTILE;
            COPIED:
            cp.async.wait_all;
            """);
    }
}
