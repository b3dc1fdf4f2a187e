using System.Text;
using static AhnSharp.Gpu.Cuda.Hopper.PtxText;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>
/// PTX of what happens to finished sums, see <see cref="ProductText"/>: the same as the ends of <see cref="Kernels.MatrixTile"/>.
/// </summary>
internal static class ProductEnds
{
    /// <summary>Which token, row and output a lane's first sum belongs to.</summary>
    public static void Place(StringBuilder text, bool swiGlu, int rows)
    {
        Lines(text, $"""
            rem.u32 tokenTile, tile, tokenTiles;
            div.u32 rowTile, tile, tokenTiles;
            shl.b32 token, tokenTile, 7;
            shl.b32 r1, warp, 4;
            add.u32 token, token, r1;
            shr.u32 r1, lane, 2;
            add.u32 token, token, r1;
            setp.lt.u32 isToken, token, tokens;
            add.u32 r1, token, 8;
            setp.lt.u32 isNext, r1, tokens;
            mul.wide.u32 wide, token, 4;
            add.u64 wide, wide, scales;
            mov.f32 scale, 0f00000000;
            mov.f32 scaleNext, 0f00000000;
            @isToken ld.global.f32 scale, [wide];
            @isNext ld.global.f32 scaleNext, [wide+32];
            and.b32 column, lane, 3;
            shl.b32 column, column, 1;
            """);
        ProductText.FindSegment(
            text, ("u64", "output", 0), ("u64", "bias", 8), ("u32", "rows", 20), ("u32", "firstTile", 24), ("u32", "pitch", 28),
            ("u32", "flags", 32));
        Lines(text, $"""
            sub.u32 r1, rowTile, firstTile;
            mad.lo.u32 row, r1, {(swiGlu ? rows / 2 : rows)}, column;
            mul.wide.u32 wide, token, pitch;
            cvt.u64.u32 wide1, row;
            add.u64 wide, wide, wide1;
            shl.b64 wide, wide, 2;
            add.u64 output, output, wide;
            mul.wide.u32 wide, pitch, 32;
            add.u64 outputNext, output, wide;
            """);
    }

    /// <summary>Output ← or += sum · scale + bias, two rows at a time.</summary>
    public static void Linear(StringBuilder text, int rows)
    {
        Lines(text, $"""
            .reg .f32 f3, bias0, bias1;
            .reg .pred hasBias, accumulates;
            and.b32 r1, flags, 1;
            setp.ne.u32 hasBias, r1, 0;
            and.b32 r1, flags, 2;
            setp.ne.u32 accumulates, r1, 0;
            mul.wide.u32 wide, row, 4;
            add.u64 bias, bias, wide;
            """);
        for (int j = 0; j < rows / 8; j++)
        {
            Lines(text, $"""
                add.u32 r1, row, {8 * j};
                setp.lt.u32 isRow, r1, rows;
                mov.f32 bias0, 0f00000000;
                mov.f32 bias1, 0f00000000;
                and.pred p, isRow, hasBias;
                @p ld.global.v2.f32 {"{bias0, bias1}"}, [bias+{32 * j}];
                """);
            Two(4 * j, "isToken", "scale", "output");
            Two(4 * j + 2, "isNext", "scaleNext", "outputNext");

            void Two(int sum, string isToken, string scale, string output) => Lines(text, $"""
                fma.rn.f32 f0, d{sum}, {scale}, bias0;
                fma.rn.f32 f1, d{sum + 1}, {scale}, bias1;
                and.pred stores, isRow, {isToken};
                and.pred p, stores, accumulates;
                mov.f32 f2, 0f00000000;
                mov.f32 f3, 0f00000000;
                @p ld.global.v2.f32 {"{f2, f3}"}, [{output}+{32 * j}];
                add.f32 f0, f0, f2;
                add.f32 f1, f1, f3;
                @stores st.global.v2.f32 [{output}+{32 * j}], {"{f0, f1}"};
                """);
        }
    }

    /// <summary>Output [tokens, F] ← SiLU(gate) · up.</summary>
    public static void SwiGlu(StringBuilder text, int rows)
    {
        Lines(text, $".reg .f32 gate;\n.reg .pred storesNext;");
        for (int j = 0; j < rows / 16; j++)
        {
            Lines(text, $"""
                add.u32 r1, row, {8 * j};
                setp.lt.u32 isRow, r1, rows;
                and.pred stores, isRow, isToken;
                and.pred storesNext, isRow, isNext;
                """);
            Two(8 * j, "scale", "stores", "output");
            Two(8 * j + 2, "scaleNext", "storesNext", "outputNext");

            void Two(int gate, string scale, string stores, string output)
            {
                Of(gate, scale, "f0");
                Of(gate + 1, scale, "f1");
                Lines(text, $"@{stores} st.global.v2.f32 [{output}+{32 * j}], {"{f0, f1}"};");
            }
        }

        // −log2 e is 0fBFB8AA3B, 1 is 0f3F800000; W_up's sums are four registers on.
        void Of(int gate, string scale, string result) => Lines(text, $"""
            mul.f32 gate, d{gate}, {scale};
            mul.f32 {result}, d{gate + 4}, {scale};
            mul.f32 f2, gate, 0fBFB8AA3B;
            ex2.approx.f32 f2, f2;
            add.f32 f2, f2, 0f3F800000;
            div.full.f32 gate, gate, f2;
            mul.f32 {result}, {result}, gate;
            """);
    }
}
