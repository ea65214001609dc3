#include "bench/report_style.h"

namespace felix::bench {

// Series colours keep a contrast of 3:1 to the page in both modes and differ in lightness, and their lines in
// dashes, so that nobody depends on telling hues apart.
const std::string_view kReportStyle = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#566273;--rule:#dde2e9;--grid:#e8ecf1;
--s0:#0b6bcb;--s1:#c2410c;--s2:#0f7b5f;--s3:#8a3ea8;--s4:#a16a00;--floor:#6b7686;--bad:#b3261e;--bad-card:#fdeceb}
@media (prefers-color-scheme:dark){:root{--page:#0f141b;--card:#171e28;--ink:#e8edf4;--soft:#9aa7b8;--rule:#2a3442;
--grid:#232c38;--s0:#5aa9ff;--s1:#ff9457;--s2:#4fd1a5;--s3:#d495f0;--s4:#e8b84a;--floor:#94a1b3;--bad:#ff8a80;
--bad-card:#3a1d1d}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue","DejaVu Sans",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:48px 24px 72px}
.brand{margin:0 0 20px;font-size:14px;color:var(--soft);letter-spacing:.02em}
.brand b{color:var(--s0);letter-spacing:.08em;text-transform:uppercase;margin-right:10px}
h1{font-size:clamp(30px,5vw,46px);line-height:1.1;letter-spacing:-.022em;margin:0 0 14px;font-weight:700}
h1 em{font-style:normal;color:var(--s0)}
.lead{font-size:18px;color:var(--soft);margin:0 0 32px;max-width:44em}
h2{font-size:24px;letter-spacing:-.01em;margin:56px 0 6px;line-height:1.25}
.about{margin:0 0 18px;color:var(--soft);max-width:46em}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:0;padding:0}
.tiles div,figure,.card{background:var(--card);border:1px solid var(--rule);border-radius:12px}
.tiles div{padding:16px 18px}
.tiles dt{font-size:14px;color:var(--soft)}
.tiles dd{margin:2px 0 0;font-size:28px;font-weight:650;letter-spacing:-.02em;line-height:1.2;white-space:nowrap}
.tiles small{display:block;font-size:13px;font-weight:400;letter-spacing:0;color:var(--soft);white-space:normal}
.failed{background:var(--bad-card);border:1px solid var(--bad);border-radius:12px;padding:14px 20px;margin:0 0 24px}
.failed strong{color:var(--bad)}
.flagged{background:var(--card);border-color:var(--s4)}.flagged strong{color:var(--s4)}
.failed ul,.notes{margin:6px 0 0;padding-left:20px}
figure{margin:16px 0 0;padding:20px 22px 12px}
figcaption strong{display:block;font-size:17px}
figcaption span{display:block;font-size:14px;color:var(--soft);min-height:1.55em}
.legend{list-style:none;margin:12px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 26px;font-size:14px}
.legend li{display:flex;align-items:center;gap:8px}
.legend svg{width:28px;height:10px;flex:none}
.legend small{color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
.plot{overflow-x:auto;margin-top:12px}
.plot svg{display:block;width:100%;min-width:640px;height:auto}
svg text{font-size:13px;fill:var(--soft);font-variant-numeric:tabular-nums}
svg .axis{font-size:13px;font-weight:600}
svg .bar-title{font-size:14px;fill:var(--ink)}
svg .bar-value{font-size:14px;font-weight:600;fill:var(--ink)}
svg .name{font-size:14px;font-weight:650}
.grid{stroke:var(--grid)}.base{stroke:var(--floor)}
.curve{fill:none;stroke-width:2.6;stroke-linejoin:round;stroke-linecap:round}
.faint{opacity:.38}
.trial{fill:none;stroke-width:1;opacity:.5}
.whisker{stroke:var(--ink);stroke-width:1.6;opacity:.75}
.knee{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:2 5;stroke-linecap:round}
svg .knee-name{font-weight:650;fill:var(--ink)}
.curve.s0,.trial.s0{stroke:var(--s0)}
.curve.s1,.trial.s1{stroke:var(--s1);stroke-dasharray:11 5}
.curve.s2,.trial.s2{stroke:var(--s2);stroke-dasharray:3 5}
.curve.s3,.trial.s3{stroke:var(--s3);stroke-dasharray:12 4 2 4}
.curve.s4,.trial.s4{stroke:var(--s4);stroke-dasharray:6 4}
.curve.floor{stroke:var(--floor);stroke-width:1.8;stroke-dasharray:1 6}
.mark{stroke:var(--card);stroke-width:1.6}
.mark.s0,.bar.s0,svg .name.s0{fill:var(--s0)}.mark.s1,.bar.s1,svg .name.s1{fill:var(--s1)}
.mark.s2,.bar.s2,svg .name.s2{fill:var(--s2)}.mark.s3,.bar.s3{fill:var(--s3)}.mark.s4,.bar.s4{fill:var(--s4)}
.mark.floor{fill:var(--floor)}
.hollow{fill:var(--card);stroke-width:2}
.hollow.s0{stroke:var(--s0)}.hollow.s1{stroke:var(--s1)}.hollow.s2{stroke:var(--s2)}
.card{margin-top:16px;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:16px 22px 4px;font-weight:650;font-size:17px}
th,td{padding:9px 10px;text-align:right;border-top:1px solid var(--rule);white-space:nowrap;vertical-align:top}
thead th{border-top:0;font-size:13px;color:var(--soft);font-weight:600}
tbody th{font-weight:500}
th:first-child,td:first-child{text-align:left;padding-left:22px;white-space:normal;min-width:170px}
th:last-child,td:last-child{padding-right:22px}
td small{display:block;color:var(--soft);font-size:12.5px}
td.words,th.words{text-align:left;white-space:normal;color:var(--soft)}
td.bad{color:var(--bad);font-weight:650}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
footer{margin-top:56px;padding-top:18px;border-top:1px solid var(--rule);font-size:14px;color:var(--soft);max-width:60em}
:focus-visible{outline:2px solid var(--s0);outline-offset:3px}
@media print{body{background:#fff}main{padding:0;max-width:none}figure,.card,.tiles div{break-inside:avoid}}
)css";

}  // namespace felix::bench
