using System.Collections.Frozen;

namespace AhnSharp.Documents.Text;

/// <summary>How well a text read under an encoding of East Asia looks like its language, by how common its characters are.</summary>
/// <remarks>
/// The lists are the most frequent characters of running text, some hundred a language: they make up half of it, and one in
/// ten of what comes out of chance.
/// </remarks>
internal static class CommonCharacters
{
    private static readonly FrozenSet<char> s_simplified = FrozenSet.ToFrozenSet(
        "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工"
            + "己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受"
            + "光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空众技轻程告江语"
            + "英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴切你好世界测试编码汉字简体");

    private static readonly FrozenSet<char> s_traditional = FrozenSet.ToFrozenSet(
        "的一是不了人在有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工"
            + "己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通目華報立馬命張活難神數件安表原車白應路期叫死常提感金何更反合放做系計或司利受"
            + "光王果親界及今京務制解各任至清物台象記邊共風戰干接它許八特覺望直服毛林題建南度統色字請交愛讓認算論百吃義科怎元社術結六功指思非流每青管夫連遠資隊跟帶花快條院變聯言權往展該領傳近留紅治決周保達辦運武半候七必城父強步完革深區即求品士轉量空眾技輕程告江語"
            + "英基派滿式李息寫呢識極令黃德收臉錢黨倒未持取設始版雙歷越史商千片容研像找友孩站廣改議形委早房音火際則首單據導影失拿網香似斯專石若兵弟誰校讀志飛觀爭究包組造落視濟喜離雖壞興切測試編碼漢繁體臺灣");

    private static readonly FrozenSet<char> s_kanji = FrozenSet.ToFrozenSet(
        "日一人国会年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨的事方者分部場地合自社手内同理発体定実業回対力度通作現物法新明主文用動全性当最関化機家思問目意数成保"
            + "持表不私以何経情連期面心後世界漢字仮名試験文書文字変換初使画像設計開始終了説明");

    private static readonly FrozenSet<char> s_hangul = FrozenSet.ToFrozenSet(
        "이다는에의을가고하한지를도로은서기사나자대어리그시인과있정수일아들해제보라여부스전으와관원주구상안공적만동조국무위장인신성실비계오선우중거모경방화소생개면당내세연회학교분유치진게미각했되된때문년월것및등않없였었습니까요며든말글한글테트코드입안녕세계");

    public static double Score(int page, string text)
    {
        double sum = 0;
        int counted = 0;
        foreach (char c in text)
        {
            if (c < 0x80) continue;
            counted++;
            sum += page switch
            {
                932 or 51932 => Japanese(c),
                949 => Korean(c),
                54936 => Chinese(c, s_simplified),
                _ => Chinese(c, s_traditional),
            };
        }
        return counted == 0 ? 0 : sum / counted;
    }

    private static double Japanese(char c) => c switch
    {
        >= '\u3041' and <= '\u30FC' => 1,
        >= '\u3000' and <= '\u3020' => 0.8,
        >= '\uFF01' and <= '\uFF5E' => 0.6,
        >= '\uFF61' and <= '\uFF9F' => -0.5,
        _ when IsHan(c) => s_kanji.Contains(c) ? 0.8 : 0.25,
        _ => Other(c),
    };

    private static double Korean(char c) => c switch
    {
        >= '\uAC00' and <= '\uD7A3' => s_hangul.Contains(c) ? 1 : 0.3,
        >= '\u3000' and <= '\u3020' => 0.5,
        _ when IsHan(c) => 0,
        _ => Other(c),
    };

    private static double Chinese(char c, FrozenSet<char> common) => c switch
    {
        >= '\u3041' and <= '\u30FF' => -0.5,
        >= '\u3000' and <= '\u3020' => 0.8,
        >= '\uFF01' and <= '\uFF5E' => 0.8,
        _ when IsHan(c) => common.Contains(c) ? 1 : 0.2,
        _ => Other(c),
    };

    // Signs that texts have, against what only comes out of reading bytes wrongly.
    private static double Other(char c) => c is '\u2018' or '\u2019' or '\u201C' or '\u201D' or '\u2026' or '\u2014' or '\u2013' or '\u00B7'
        or '\u00D7' or '\u2605' ? 0.5 : -0.5;

    private static bool IsHan(char c) => c is >= '\u4E00' and <= '\u9FFF';
}
