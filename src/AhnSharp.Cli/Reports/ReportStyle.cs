using AhnSharp.Plots;

namespace AhnSharp.Cli.Reports;

/// <summary>How a report looks: on a screen, light or dark, on a phone, on paper. Drawings take the colours of the page.</summary>
internal static class ReportStyle
{
    /// <summary>Below it, in CSS pixels, a page shows the narrow form of each drawing: letters of the wide one would be 5 high.</summary>
    internal const int NarrowBelow = 720;

    /// <summary>What stands in the page's one style element.</summary>
    internal static string Sheet { get; } = $$"""
        :root {
          color-scheme: light dark;
          --page: {{PlotColors.Background}}; --ink: {{PlotColors.Ink}}; --faint: {{PlotColors.Faint}};
          --grid: {{PlotColors.Grid}}; --frame: {{PlotColors.Frame}}; --last: #000000; --accent: #0072B2; --band: #F4F6F8;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #14171A; --ink: #E6E8EB; --faint: #A3ABB4; --grid: #2C3238; --frame: #69727C; --last: #FFFFFF;
            --accent: #6CB6E8; --band: #1D2126;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 64rem; background: var(--page); color: var(--ink);
          font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
          overflow-wrap: anywhere;
        }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
        h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; }
        p { margin: 0 0 .8rem; max-width: 46rem; }
        .lead { font-size: 1.15rem; border-left: .25rem solid var(--accent); padding-left: .9rem; }
        dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1.25rem; margin: 0; }
        dt { color: var(--faint); }
        dd { margin: 0; }
        .scroll { overflow-x: auto; margin-bottom: 1rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
        th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
        th { color: var(--faint); font-weight: 600; border-bottom-color: var(--frame); white-space: normal; vertical-align: bottom; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; }
        code { font: .9em ui-monospace, "DejaVu Sans Mono", Consolas, monospace; background: var(--band); padding: .1em .35em; }
        figure { margin: 1rem 0 0; }
        svg { display: block; max-width: 100%; height: auto; }
        .narrow { display: none; }
        footer { margin-top: 3rem; color: var(--faint); font-size: .9rem; }
        svg [fill="{{PlotColors.Background}}"] { fill: var(--page); }
        svg [fill="{{PlotColors.Ink}}"] { fill: var(--ink); }
        svg [fill="{{PlotColors.Faint}}"] { fill: var(--faint); }
        svg [fill="#000000"] { fill: var(--last); }
        svg [stroke="#000000"] { stroke: var(--last); }
        svg [stroke="{{PlotColors.Background}}"] { stroke: var(--page); }
        svg [stroke="{{PlotColors.Ink}}"] { stroke: var(--ink); }
        svg [stroke="{{PlotColors.Faint}}"] { stroke: var(--faint); }
        svg [stroke="{{PlotColors.Grid}}"] { stroke: var(--grid); }
        svg [stroke="{{PlotColors.Frame}}"] { stroke: var(--frame); }
        @media screen and (max-width: {{NarrowBelow}}px) {
          body { padding: 1.25rem 1rem 3rem; }
          h1 { font-size: 1.4rem; }
          dl { grid-template-columns: 1fr; gap: 0; }
          dd { margin-bottom: .5rem; }
          td:first-child { white-space: normal; min-width: 8rem; }
          .wide { display: none; }
          .narrow { display: block; }
        }
        @media print {
          :root {
            color-scheme: light;
            --page: {{PlotColors.Background}}; --ink: #000000; --faint: #444444; --grid: {{PlotColors.Grid}};
            --frame: {{PlotColors.Frame}}; --last: #000000; --band: #F4F6F8;
          }
          body { max-width: none; padding: 0; font-size: 10.5pt; }
          figure, table, dl { break-inside: avoid; }
          h2 { break-after: avoid; }
          .scroll { overflow: visible; }
          table { font-size: 8.5pt; }
          th, td { white-space: normal; padding: .2rem .35rem; }
        }
        """;
}
