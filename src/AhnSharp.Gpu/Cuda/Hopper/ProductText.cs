using System;
using System.Globalization;
using System.Text;
using static AhnSharp.Gpu.Cuda.Hopper.PtxText;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>
/// The PTX of a product of many tokens with a matrix of halves, for GPUs of compute capability 9.0: what ILGPU has no words for (wgmma,
/// copies that signal a barrier) is written out here. <see cref="Kernels.MatrixTile"/> says in C# what it computes.
/// </summary>
/// <remarks>
/// <para>A group of 288 threads computes tiles of 128 tokens × <c>rows</c> weight rows, one after another, in steps of 64 columns. Warp 8
/// brings what a step reads, two copies of whole pieces of <see cref="Kernels.Panels"/>, into one of <see cref="Stages"/> stages of shared
/// memory; warps 0 … 3 multiply tokens 0 … 63 of the tile, warps 4 … 7 the others, each m64nNk16 with sums in registers. Of a stage, one
/// barrier says that it is full (of bytes), one that it is empty (of the eight warps): the copying of the next tile goes on while the sums
/// of one are stored.</para>
/// <para>Parameters are one <see cref="ProductArguments"/>. A lane holds, of 8 rows from 8j, tokens lane/4 and lane/4 + 8 and rows
/// 2·(lane%4) and the next: d4j, d4j+1 and d4j+2, d4j+3. Source: NVIDIA, Parallel Thread Execution ISA 8.8.</para>
/// </remarks>
internal static class ProductText
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 288;

    /// <summary>Tokens of a tile.</summary>
    public const int Tokens = 128;

    /// <summary>The name of the kernel in the text.</summary>
    public const string Name = "product";

    private const int TokenBytes = Tokens * 128, RowBytes = 128, SegmentBytes = 40, FirstSegment = 48;

    // Of both operands.
    private static readonly ulong Descriptor = PtxText.Descriptor(0, 1024);

    /// <summary>Stages of shared memory that fit.</summary>
    public static int Stages(int rows) => rows == 256 ? 4 : 6;

    /// <summary>Bytes of shared memory of a group.</summary>
    public static int SharedBytes(int rows) => Stages(rows) * (StageBytes(rows) + 16);

    /// <summary>The text.</summary>
    /// <param name="rows">Weight rows of a tile: 128 or 256.</param>
    /// <param name="swiGlu">Whether rows are eight of W_gate, eight of W_up, and results SiLU(gate) · up; otherwise sum + bias.</param>
    public static string Of(int rows, bool swiGlu)
    {
        StringBuilder text = new(64 << 10);
        Head(text, rows);
        Multiply(text, rows);
        ProductEnds.Place(text, swiGlu, rows);
        if (swiGlu) ProductEnds.SwiGlu(text, rows);
        else ProductEnds.Linear(text, rows);
        text.Append("    add.u32 tile, tile, step;\n    bra TILE;\n");
        Copy(text, rows, swiGlu);
        text.Append("DONE:\n    ret;\n}\n");
        return text.ToString();
    }

    /// <summary>Loads of the segment that a tile is of: the last whose first tile is not behind it.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="loads">PTX type, register and offset within a segment.</param>
    public static void FindSegment(StringBuilder text, params (string Type, string Register, int Offset)[] loads)
    {
        ArgumentNullException.ThrowIfNull(loads);
        for (int segment = 0; segment < ProductArguments.MostSegments; segment++)
        {
            int at = FirstSegment + segment * SegmentBytes;
            if (segment > 0) Lines(text, $"ld.param.u32 r1, [arguments+{at + 24}];\nsetp.ge.u32 p, rowTile, r1;");
            string when = segment > 0 ? "@p " : "";
            foreach ((string type, string register, int offset) in loads)
                Lines(text, $"{when}ld.param.{type} {register}, [arguments+{at + offset}];");
        }
    }

    private static int StageBytes(int rows) => TokenBytes + rows * RowBytes;

    private static void Head(StringBuilder text, int rows)
    {
        text.Append(CultureInfo.InvariantCulture, $$"""
            .version 8.0
            .target sm_90a
            .address_size 64
            .extern .shared .align 1024 .b8 stages[];
            .visible .entry {{Name}}(.param .align 8 .b8 arguments[{{FirstSegment + ProductArguments.MostSegments * SegmentBytes}}])
            .reqntid {{Threads}}, 1, 1
            {
                .reg .f32 d<{{rows / 2}}>;
                .reg .f32 scale, scaleNext, f0, f1, f2;
                .reg .pred p, q, isFirst, isToken, isNext, isRow, stores;
                .reg .b32 thread, warp, lane, tokens, xRows, wRows, blocks, tokenTiles, tiles, tile, step, stage, parity, block, shared;
                .reg .b32 barriers, barrier, read, tokenTile, rowTile, firstTile, token, row, rows, column, pitch, flags, r1;
                .reg .b64 x, w, scales, xFrom, wFrom, xStep, wStep, dx, dw, dxFirst, dwFirst, output, outputNext, bias, wide, wide1;
                ld.param.u64 x, [arguments];
                ld.param.u64 scales, [arguments+8];
                ld.param.u64 w, [arguments+16];
                ld.param.u32 tokens, [arguments+24];
                ld.param.u32 xRows, [arguments+28];
                ld.param.u32 wRows, [arguments+32];
                ld.param.u32 blocks, [arguments+36];
                ld.param.u32 tokenTiles, [arguments+40];
                ld.param.u32 tiles, [arguments+44];
                mov.u32 thread, %tid.x;
                shr.u32 warp, thread, 5;
                and.b32 lane, thread, 31;
                mov.u32 tile, %ctaid.x;
                mov.u32 step, %nctaid.x;
                mov.u32 shared, stages;
                add.u32 barriers, shared, {{Stages(rows) * StageBytes(rows)}};
                setp.ne.u32 p, thread, 0;
                @p bra READY;

            """);
        // Full when the copying warp has said how many bytes come, and they are there; empty when eight warps have read.
        Barriers(text, Stages(rows), 1, 8);
        Lines(text, $"""
            fence.mbarrier_init.release.cluster;
            READY:
            bar.sync 0;
            mov.u32 stage, 0;
            setp.eq.u32 p, warp, 8;
            @p bra COPY;
            """);
    }

    private static void Multiply(StringBuilder text, int rows)
    {
        string sums = Vector("d", 0, rows / 2);
        Lines(text, $"""
            shr.u32 r1, warp, 2;
            mad.lo.u32 r1, r1, {TokenBytes / 2}, shared;
            and.b32 r1, r1, 0x3FFFF;
            shr.u32 r1, r1, 4;
            cvt.u64.u32 dxFirst, r1;
            or.b64 dxFirst, dxFirst, {Descriptor};
            add.u32 r1, shared, {TokenBytes};
            and.b32 r1, r1, 0x3FFFF;
            shr.u32 r1, r1, 4;
            cvt.u64.u32 dwFirst, r1;
            or.b64 dwFirst, dwFirst, {Descriptor};
            setp.eq.u32 isFirst, lane, 0;
            mov.u32 parity, 0;
            TILE:
            setp.ge.u32 p, tile, tiles;
            @p bra DONE;
            mov.u32 block, 0;
            STEP:
            shl.b32 r1, stage, 4;
            add.u32 barrier, barriers, r1;
            FULL:
            mbarrier.try_wait.parity.shared::cta.b64 p, [barrier], parity;
            @!p bra FULL;
            mul.wide.u32 wide, stage, {StageBytes(rows) / 16};
            add.u64 dx, dxFirst, wide;
            add.u64 dw, dwFirst, wide;
            setp.ne.u32 q, block, 0;
            wgmma.fence.sync.aligned;
            """);
        for (int k = 0; k < 4; k++)
        {
            // The first product of a tile does not add to what the registers hold; 16 columns are 32 bytes.
            Lines(text, $"wgmma.mma_async.sync.aligned.m64n{rows}k16.f32.f16.f16 {sums}, dx, dw, q, 1, 1, 0, 0;");
            if (k == 0) Lines(text, $"setp.eq.u32 q, lane, lane;");
            if (k < 3) Lines(text, $"add.u64 dx, dx, 2;\nadd.u64 dw, dw, 2;");
        }
        // The stage before is empty when the products before these have ended.
        Lines(text, $"""
            wgmma.commit_group.sync.aligned;
            setp.eq.u32 p, block, 0;
            @p bra BEGUN;
            wgmma.wait_group.sync.aligned 1;
            @isFirst mbarrier.arrive.shared::cta.b64 _, [read];
            BEGUN:
            add.u32 read, barrier, 8;
            """);
        NextStage(text, Stages(rows));
        Lines(text, $"""
            add.u32 block, block, 1;
            setp.lt.u32 p, block, blocks;
            @p bra STEP;
            wgmma.wait_group.sync.aligned 0;
            @isFirst mbarrier.arrive.shared::cta.b64 _, [read];
            """);
    }

    private static void Copy(StringBuilder text, int rows, bool swiGlu)
    {
        Lines(text, $"""
            COPY:
            setp.ne.u32 p, lane, 0;
            @p bra DONE;
            mov.u32 parity, 1;
            mul.wide.u32 xStep, xRows, {RowBytes};
            mul.wide.u32 wStep, wRows, {RowBytes};
            COPYTILE:
            setp.ge.u32 p, tile, tiles;
            @p bra DONE;
            rem.u32 tokenTile, tile, tokenTiles;
            div.u32 rowTile, tile, tokenTiles;
            mul.wide.u32 wide, tokenTile, {TokenBytes};
            add.u64 xFrom, x, wide;
            """);
        if (swiGlu) Lines(text, $"mul.lo.u32 row, rowTile, {rows};");
        else
        {
            FindSegment(text, ("u32", "row", 16), ("u32", "firstTile", 24));
            Lines(text, $"sub.u32 r1, rowTile, firstTile;\nmad.lo.u32 row, r1, {rows}, row;");
        }
        Lines(text, $"""
            mul.wide.u32 wide, row, {RowBytes};
            add.u64 wFrom, w, wide;
            mov.u32 block, 0;
            COPYSTEP:
            shl.b32 r1, stage, 4;
            add.u32 barrier, barriers, r1;
            EMPTY:
            mbarrier.try_wait.parity.shared::cta.b64 p, [barrier+8], parity;
            @!p bra EMPTY;
            mbarrier.arrive.expect_tx.shared::cta.b64 _, [barrier], {StageBytes(rows)};
            mad.lo.u32 r1, stage, {StageBytes(rows)}, shared;
            cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [r1], [xFrom], {TokenBytes}, [barrier];
            add.u32 r1, r1, {TokenBytes};
            cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [r1], [wFrom], {rows * RowBytes}, [barrier];
            add.u64 xFrom, xFrom, xStep;
            add.u64 wFrom, wFrom, wStep;
            """);
        NextStage(text, Stages(rows));
        Lines(text, $"""
            add.u32 block, block, 1;
            setp.lt.u32 p, block, blocks;
            @p bra COPYSTEP;
            add.u32 tile, tile, step;
            bra COPYTILE;
            """);
    }
}
