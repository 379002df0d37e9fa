"""Say in plain words why a refresh failed and what to do next, in both languages."""

import re
from typing import NamedTuple

from language import Phrase


class Advice(NamedTuple):
    """Why something failed, and the next step: a command or a place in a console.

    Both may name {region}, {account}, {partition}, {project}, {table}, {dataset_id}, {error},
    {permission} and {step}.
    """

    cause: Phrase
    step: Phrase


_RUN_AGAIN = Phrase(
    ja="時間をおいて再実行してください。",
    en="Run it again later.",
)

ADVICE: dict[str, Advice] = {
    # ---- How QuickSight ended the refresh
    "superseded": Advice(
        Phrase(
            ja="この更新の途中で、同じデータセットの新しい更新が始まりました。",
            en="A newer refresh of this dataset started while this one was running.",
        ),
        Phrase(
            ja="新しい更新が今回のファイルも読み込みます。データセットの「更新」タブの履歴で、"
            "新しい更新の結果を確認してください。",
            en="The newer refresh reads these files too: check its result in the dataset's"
            " Refresh tab, under History.",
        ),
    ),
    "suppressed_by_edit": Advice(
        Phrase(
            ja="データセットが編集されたため、この更新は取りやめになりました。",
            en="The dataset was edited, so this refresh was given up.",
        ),
        Phrase(
            ja="編集後に始まる新しい更新が今回のファイルも読み込みます。データセットの「更新」タブの"
            "履歴で確認し、新しい更新がなければ再実行してください。",
            en="The newer refresh that follows the edit reads these files too: check the dataset's"
            " Refresh tab, under History, and run it again if there is none.",
        ),
    ),
    "cancelled": Advice(
        Phrase(
            ja="QuickSightの画面またはAPIからの操作で、更新が取り消されました。",
            en="Somebody cancelled the refresh, in QuickSight or through its API.",
        ),
        Phrase(
            ja="取り消した理由を確認し、問題がなければ再実行してください。",
            en="Find out why it was cancelled; if nothing speaks against it, run it again.",
        ),
    ),
    "quicksight_role": Advice(
        Phrase(
            ja="QuickSightが、データの読み取りに使うIAMロールを利用できませんでした。",
            en="QuickSight could not use the IAM role with which it reads the data.",
        ),
        Phrase(
            ja="QuickSightコンソールの「QuickSightの管理」>「セキュリティとアクセス許可」の設定と、"
            "IAMコンソールにあるQuickSightのサービスロールの信頼ポリシーを確認してください。",
            en="Check QuickSight console > Manage QuickSight > Security & permissions, and the"
            " trust policy of QuickSight's service role in the IAM console.",
        ),
    ),
    "s3_access": Advice(
        Phrase(
            ja="QuickSightがS3のファイルを読み取れませんでした。",
            en="QuickSight could not read the files in S3.",
        ),
        Phrase(
            ja="ファイルが残っていること、文字コードがUTF-8であることを確認してください。問題がなければ、"
            "QuickSightコンソールの「QuickSightの管理」>「セキュリティとアクセス許可」でS3バケットを"
            "選択し、バケットポリシーとKMSキーの許可も確認してください。",
            en="Check that the files are still there and are UTF-8 text. If so, select the bucket"
            " in QuickSight console > Manage QuickSight > Security & permissions; check the"
            " bucket policy and the KMS key as well.",
        ),
    ),
    "manifest": Advice(
        Phrase(
            ja="マニフェストファイル（JSON）が正しくないか、そこに書かれたファイルを読み取れませんでした。",
            en="The manifest file (JSON) is wrong, or the files it names could not be read.",
        ),
        Phrase(
            ja="マニフェストの書式と、バケット名・プレフィックスを確認し、QuickSightのデータソースの"
            "編集画面でアップロードし直してください。",
            en="Check the manifest's form, bucket and prefixes, and upload it again where the data"
            " source is edited in QuickSight.",
        ),
    ),
    "file_deleted": Advice(
        Phrase(
            ja="読み込むはずのファイルが、S3から削除されています。",
            en="The files to read have been deleted from S3.",
        ),
        Phrase(
            ja="ファイルをS3に置き直してください。自動で更新が始まります。",
            en="Put the files back into S3: that starts another refresh.",
        ),
    ),
    "dataset_gone": Advice(
        Phrase(
            ja="データセット、またはその参照先のデータソースが、削除されたか利用できなくなっています。",
            en="The dataset, or the data source behind it, was deleted or became unavailable.",
        ),
        Phrase(
            ja="不要なデータセットはテーブル {table} の登録から外してください。必要なデータセットは"
            "QuickSightで作り直し、新しいdatasetidを登録してください。",
            en="If it is no longer needed, take it out of the table {table}; if it is, create it"
            " again in QuickSight and register the new datasetid.",
        ),
    ),
    "not_spice": Advice(
        Phrase(
            ja="このデータセットはSPICEを使わない設定（直接クエリ）のため、更新の対象になりません。",
            en="This dataset queries its source directly; only SPICE datasets are refreshed.",
        ),
        Phrase(
            ja="データセットの編集画面でクエリモードを「SPICE」に変更するか、テーブル {table} の"
            "登録から外してください。",
            en="Set its query mode to SPICE where the dataset is edited, or take it out of the"
            " table {table}.",
        ),
    ),
    "bad_rows": Advice(
        Phrase(
            ja="データに読み込めない行や値があります（列の数、日付や数値の形式、大きすぎる数値など）。",
            en="The data holds rows or values that cannot be read (number of columns, form of a"
            " date or number, a number too large).",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴でエラー行を確認し、ファイルを直してS3に置き直してください。",
            en="Look at the error rows in the dataset's Refresh tab, under History; correct the"
            " file and put it into S3 again.",
        ),
    ),
    "capacity": Advice(
        Phrase(
            ja="リージョン {region} のSPICE容量が足りません。",
            en="There is not enough SPICE capacity left in Region {region}.",
        ),
        Phrase(
            ja="QuickSightコンソールの「QuickSightの管理」>「SPICE容量」で容量を追加するか、使っていない"
            "データセットを削除してから、再実行してください。",
            en="Add capacity in QuickSight console > Manage QuickSight > SPICE capacity, or delete"
            " unused datasets; then run it again.",
        ),
    ),
    "too_large": Advice(
        Phrase(
            ja="データセット全体または1行の大きさが、SPICEの上限を超えています。",
            en="The dataset, or one of its rows, is larger than SPICE allows.",
        ),
        Phrase(
            ja="データセットの編集画面でフィルターを設定するか、不要な列や長い文字列を減らしてから、"
            "再実行してください。",
            en="Filter the dataset where it is edited, or remove columns and long texts; then run"
            " it again.",
        ),
    ),
    "schema": Advice(
        Phrase(
            ja="参照先のテーブルや列が、データセットの定義と合いません（名前や型の変更、同名の列など）。",
            en="The source's tables or columns do not match the dataset (a changed name or type,"
            " a column name used twice).",
        ),
        Phrase(
            ja="参照先の列名と型を元に戻すか、データセットの編集画面で定義を合わせて保存してください。",
            en="Restore the columns in the source, or adapt the dataset where it is edited.",
        ),
    ),
    "query": Advice(
        Phrase(
            ja="データセットの計算フィールドまたはSQLを実行できませんでした。",
            en="A calculated field or the SQL of the dataset could not be run.",
        ),
        Phrase(
            ja="データセットの編集画面で計算フィールドとカスタムSQLを直し、プレビューが表示されることを"
            "確認してください。",
            en="Correct the calculated fields and custom SQL where the dataset is edited, until its"
            " preview appears.",
        ),
    ),
    "connection": Advice(
        Phrase(
            ja="QuickSightがデータソースに接続できませんでした（接続設定、ネットワーク、SSL証明書など）。",
            en="QuickSight could not connect to the data source (settings, network or"
            " certificate).",
        ),
        Phrase(
            ja="QuickSightコンソールの「データセット」>「データソース」で接続設定を、「QuickSightの管理」>"
            "「VPC接続の管理」でネットワークを確認してください。",
            en="Check the settings in QuickSight console > Datasets > Data sources, and the"
            " network in Manage QuickSight > Manage VPC connections.",
        ),
    ),
    "credentials": Advice(
        Phrase(
            ja="データソースの認証に失敗しました（パスワードの変更、トークンの期限切れなど）。",
            en="The data source refused the stored password or token.",
        ),
        Phrase(
            ja="QuickSightコンソールの「データセット」>「データソース」>「データソースの編集」で、認証情報を"
            "入力し直してください。",
            en="Renew it in QuickSight console > Datasets > Data sources > Edit data source.",
        ),
    ),
    "source_permission": Advice(
        Phrase(
            ja="データソースが、読み取りを許可しませんでした。",
            en="The data source did not permit reading.",
        ),
        Phrase(
            ja="データソース側の権限と、QuickSightコンソールの「データセット」>「データソース」の"
            "アクセス許可を確認してください。",
            en="Check the permissions in the source itself, and those of the data source in"
            " QuickSight console > Datasets > Data sources.",
        ),
    ),
    "source_busy": Advice(
        Phrase(
            ja="データソースが混み合っているか、時間内に応答しませんでした。",
            en="The data source is overloaded or did not answer in time.",
        ),
        Phrase(
            ja="時間をおいて再実行してください。続くときは、データセットのSQLを軽くするか、データソースの"
            "上限を見直してください。",
            en="Run it again later; if it keeps happening, make the dataset's SQL lighter or raise"
            " the source's limits.",
        ),
    ),
    "iot": Advice(
        Phrase(
            ja="AWS IoT Analyticsのデータが見つからないか、空です。",
            en="The data of AWS IoT Analytics was not found, or is empty.",
        ),
        Phrase(
            ja="AWS IoT Analyticsコンソールで、データセットのコンテンツが作成されているか"
            "確認してください。",
            en="Check in the AWS IoT Analytics console that the data set's content was created.",
        ),
    ),
    "cursor": Advice(
        Phrase(
            ja="データソースのOpenSearch（Elasticsearch）で、SQLカーソルが無効になっています。",
            en="SQL cursors are switched off in the OpenSearch (Elasticsearch) domain.",
        ),
        Phrase(
            ja="ドメインの設定 opendistro.sql.cursor.enabled を true にして、再実行してください。",
            en="Set opendistro.sql.cursor.enabled to true in the domain and run it again.",
        ),
    ),
    "internal": Advice(
        Phrase(
            ja="QuickSightの内部でエラーが起きました（多くは一時的なものです）。",
            en="QuickSight had an internal error, which is usually temporary.",
        ),
        Phrase(
            ja="時間をおいて再実行してください。続くときは、AWSサポートに問い合わせてください。",
            en="Run it again later; if it keeps happening, ask AWS Support.",
        ),
    ),
    "failed": Advice(
        Phrase(
            ja="QuickSightは、失敗の理由を返しませんでした。",
            en="QuickSight gave no reason.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴で、エラーの内容を確認してください。",
            en="Look at the error in the dataset's Refresh tab, under History.",
        ),
    ),
    "other_error": Advice(
        Phrase(
            ja="QuickSightがエラー {error} を返しました。",
            en="QuickSight returned the error {error}.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴を確認し、再実行してください。続くときは、AWSサポートに"
            "問い合わせてください。",
            en="Look at the dataset's Refresh tab, under History, and run it again; if it keeps"
            " happening, ask AWS Support.",
        ),
    ),
    "other_status": Advice(
        Phrase(
            ja="このアプリケーションの知らないステータスが返されたため、更新できたか判断できません。",
            en="This application does not know this status, so it cannot tell whether the refresh"
            " succeeded.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴で、結果を確認してください。",
            en="Check the result in the dataset's Refresh tab, under History.",
        ),
    ),
    "still_running": Advice(
        Phrase(
            ja="待ち時間の上限までに、更新が終わりませんでした。QuickSightでの更新は続いており、結果は"
            "まだ分かりません。",
            en="The refresh was still running when this run stopped waiting for it; QuickSight goes"
            " on with it.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴で、結果を確認してください。いつも時間がかかるときは、"
            "スタックのパラメータRefreshTimeoutSecondsを増やしてください。",
            en="Check the result in the dataset's Refresh tab, under History. If it always takes"
            " this long, raise the stack parameter RefreshTimeoutSeconds.",
        ),
    ),
    "ended_unexpectedly": Advice(
        Phrase(
            ja="このデータセットの処理は途中で予期せず終了し、結果が返ってきませんでした。",
            en="The work on this dataset ended unexpectedly and brought no result.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴で、更新されたか確認してください。更新されていなければ、"
            "再実行してください。",
            en="Check in the dataset's Refresh tab, under History, whether it was refreshed; if"
            " not, run it again.",
        ),
    ),
    "not_reached": Advice(
        Phrase(
            ja="上記のエラーのため、このデータセットの結果がありません"
            "（更新が始まらなかった可能性があります）。",
            en="Because of the error above there is no result for this dataset; its refresh may"
            " never have started.",
        ),
        Phrase(
            ja="上記のエラーに対処してから、再実行してください。",
            en="Deal with the error above, then run it again.",
        ),
    ),
    "unreadable_count": Advice(
        Phrase(
            ja="更新は完了しましたが、スキップした行数を読み取れず、すべての行を取り込めたか判断できません。",
            en="The refresh completed, but its number of skipped rows could not be read, so nobody"
            " can tell whether all rows are in.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴で、取り込んだ行数を確認してください。",
            en="Check the number of rows in the dataset's Refresh tab, under History.",
        ),
    ),
    "skipped_rows": Advice(
        Phrase(
            ja="列の数や、日付・数値の形式がデータセットの定義と合わない行は取り込まれていません。"
            "ダッシュボードには、その行を除いた新しいデータが表示されます。",
            en="Rows whose columns, dates or numbers do not fit the dataset were left out;"
            " dashboards show the new data without them.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴でエラー行を確認し、ファイルを直してS3に置き直してください。",
            en="Look at the error rows in the dataset's Refresh tab, under History; correct the"
            " file and put it into S3 again.",
        ),
    ),
    # ---- What QuickSight's API answered
    "limit_exceeded": Advice(
        Phrase(
            ja="手動更新（このアプリケーションによる更新を含む）の回数の上限に達しました（直近24時間で、"
            "Enterprise Editionは32回、Standard Editionは8回）。",
            en="The limit of on-demand refreshes, which those of this application are, is used up:"
            " 32 (Enterprise edition) or 8 (Standard edition) in any rolling 24 hours.",
        ),
        Phrase(
            ja="開始から24時間が過ぎた更新は、回数に数えられなくなります。しばらく待って再実行するか、"
            "データセットの「更新」タブでスケジュール更新を設定してください。",
            en="Wait until earlier refreshes are more than 24 hours old and run it again, or add a"
            " schedule in the dataset's Refresh tab.",
        ),
    ),
    "not_found": Advice(
        Phrase(
            ja="リージョン {region} に、IDが {dataset_id} のデータセット、またはその更新が"
            "見つかりません。",
            en="There is no dataset with the id {dataset_id}, or no such refresh of it, in Region"
            " {region}.",
        ),
        Phrase(
            ja="aws quicksight list-data-sets --aws-account-id {account} --region {region} で"
            "正しいIDを調べ、テーブル {table} のdatasetidを直してください。",
            en="Find the right id with aws quicksight list-data-sets --aws-account-id {account}"
            " --region {region} and correct the datasetid in the table {table}.",
        ),
    ),
    "access_denied": Advice(
        Phrase(
            ja="ステートマシンのIAMロールに {permission} の権限がないか、IAMの別のポリシー"
            "（SCPなど）で拒否されています。",
            en="The state machine's IAM role lacks {permission}, or another IAM policy (such as an"
            " SCP) denies it.",
        ),
        Phrase(
            ja="IAMコンソールでロールのポリシーを確認し、{permission} を"
            " arn:{partition}:quicksight:{region}:{account}:dataset/*/ingestion/* に"
            "許可してください（本来の権限はtemplate.yamlにあります）。",
            en="In the IAM console, allow {permission} on"
            " arn:{partition}:quicksight:{region}:{account}:dataset/*/ingestion/* in the role's"
            " policy (template.yaml has it as it should be).",
        ),
    ),
    "throttled": Advice(
        Phrase(
            ja="QuickSightのAPIへの呼び出しが混み合い、再試行しても受け付けられませんでした。",
            en="QuickSight's API was too busy, even after several tries.",
        ),
        _RUN_AGAIN,
    ),
    "invalid_parameter": Advice(
        Phrase(
            ja="QuickSightが、値に誤りがあるとして更新を受け付けませんでした（SPICEでないデータセット、"
            "増分更新できないデータセット、誤ったdatasetidなど）。",
            en="QuickSight refused the request as invalid (not a SPICE dataset, a dataset that"
            " cannot be refreshed incrementally, a wrong datasetid).",
        ),
        Phrase(
            ja="テーブル {table} のdatasetidとingestiontype、データセットの編集画面のクエリモードを"
            "確認してください。",
            en="Check datasetid and ingestiontype in the table {table}, and the query mode where"
            " the dataset is edited.",
        ),
    ),
    "exists": Advice(
        Phrase(
            ja="同じIDの更新がすでにあり、結果を確認できませんでした。",
            en="A refresh with the same id exists already, and its result could not be read.",
        ),
        Phrase(
            ja="データセットの「更新」タブの履歴で結果を確認し、必要なら再実行してください。",
            en="Check the result in the dataset's Refresh tab, under History; run it again if"
            " needed.",
        ),
    ),
    "no_answer": Advice(
        Phrase(
            ja="QuickSightのAPIが、再試行しても応答しませんでした。",
            en="QuickSight's API did not answer, even after several tries.",
        ),
        _RUN_AGAIN,
    ),
    # ---- A step of the state machine failed
    "step_upload": Advice(
        Phrase(
            ja="起動時に渡されたイベントから、S3のファイルまたはフォルダを特定できませんでした。",
            en="The event that started this run names neither a file in S3 nor a folder.",
        ),
        Phrase(
            ja='手動で起動するときは、入力を {{"folder": "s3://BUCKET/FOLDER/"}} の形に'
            "してください。",
            en='To start by hand, give the input {{"folder": "s3://BUCKET/FOLDER/"}}.',
        ),
    ),
    "step_denied": Advice(
        Phrase(
            ja="このステップのIAMロールの権限が足りません。",
            en="The IAM role of this step lacks a permission.",
        ),
        Phrase(
            ja="IAMコンソールでステートマシン {machine} のロールを確認し、下のメッセージにある"
            "操作を許可してください（本来の権限はtemplate.yamlにあります）。",
            en="In the IAM console, allow the action named in the message below in the role of the"
            " state machine {machine} (template.yaml has it as it should be).",
        ),
    ),
    "step_not_found": Advice(
        Phrase(
            ja="このステップが使うテーブルや関数が見つかりません。",
            en="A table or function that this step uses does not exist.",
        ),
        Phrase(
            ja="共有スタックのテーブル {table} があることを確認し、sam deployをやり直して"
            "ください。",
            en="Check that the shared stack's table {table} exists, and run sam deploy again.",
        ),
    ),
    "step_temporary": Advice(
        Phrase(
            ja="AWSのサービスが混み合っていたか、応答しませんでした（再試行もしました）。",
            en="An AWS service was too busy or did not answer, even after several tries.",
        ),
        _RUN_AGAIN,
    ),
    "step_too_much_data": Advice(
        Phrase(
            ja="1つのフォルダに登録されたデータセットが多すぎて、データの大きさの上限を超えました。",
            en="So many datasets are registered for one folder that the data became too large.",
        ),
        Phrase(
            ja="テーブル {table} の登録を、複数のフォルダに分けてください。",
            en="Spread the registration in the table {table} over several folders.",
        ),
    ),
    "step_function": Advice(
        Phrase(
            ja="このステップの関数で予期しないエラー {error} が起きました。",
            en="The function of this step had the unexpected error {error}.",
        ),
        Phrase(
            ja="CloudWatchコンソールのロググループ /aws/lambda/{project}-* でエラーの内容を確認し、"
            "再実行してください。",
            en="Look at the error in the log groups /aws/lambda/{project}-* in the CloudWatch"
            " console, then run it again.",
        ),
    ),
    "step_other": Advice(
        Phrase(
            ja="予期しないエラー {error} が起きました。",
            en="The unexpected error {error} occurred.",
        ),
        Phrase(
            ja="下の「実行の詳細」で失敗したステップの入力とエラーを確認し、再実行してください。",
            en="Look at the failed step's input and error on the page of the execution, linked"
            " below; then run it again.",
        ),
    ),
}

# QuickSight API reference, "ErrorInfo": every value of Type. What each means: Amazon Quick user
# guide, "SPICE ingestion error codes".
GROUP_OF_INGESTION_ERROR: dict[str, str] = {
    "INGESTION_SUPERSEDED": "superseded",
    "REFRESH_SUPPRESSED_BY_EDIT": "suppressed_by_edit",
    "INGESTION_CANCELED": "cancelled",
    "FAILURE_TO_ASSUME_ROLE": "quicksight_role",
    "IAM_ROLE_NOT_AVAILABLE": "quicksight_role",
    "S3_FILE_INACCESSIBLE": "s3_access",
    "S3_MANIFEST_ERROR": "manifest",
    "FAILURE_TO_PROCESS_JSON_FILE": "manifest",
    "S3_UPLOADED_FILE_DELETED": "file_deleted",
    "DATA_SET_DELETED": "dataset_gone",
    "SPICE_TABLE_NOT_FOUND": "dataset_gone",
    "DATA_SOURCE_NOT_FOUND": "dataset_gone",
    "DATA_SET_NOT_SPICE": "not_spice",
    "DATA_TOLERANCE_EXCEPTION": "bad_rows",
    "INVALID_DATE_FORMAT": "bad_rows",
    "SQL_NUMERIC_OVERFLOW": "bad_rows",
    "ACCOUNT_CAPACITY_LIMIT_EXCEEDED": "capacity",
    "DATA_SET_SIZE_LIMIT_EXCEEDED": "too_large",
    "ROW_SIZE_LIMIT_EXCEEDED": "too_large",
    "SQL_SCHEMA_MISMATCH_ERROR": "schema",
    "SQL_TABLE_NOT_FOUND": "schema",
    "DUPLICATE_COLUMN_NAMES_FOUND": "schema",
    "INVALID_DATAPREP_SYNTAX": "query",
    "CUSTOMER_ERROR": "query",
    "SQL_INVALID_PARAMETER_VALUE": "query",
    "SQL_EXCEPTION": "query",
    "CONNECTION_FAILURE": "connection",
    "DATA_SOURCE_CONNECTION_FAILED": "connection",
    "UNRESOLVABLE_HOST": "connection",
    "UNROUTABLE_HOST": "connection",
    "SSL_CERTIFICATE_VALIDATION_FAILURE": "connection",
    "INVALID_DATA_SOURCE_CONFIG": "connection",
    "OAUTH_TOKEN_FAILURE": "credentials",
    "PASSWORD_AUTHENTICATION_FAILURE": "credentials",
    "DATA_SOURCE_AUTH_FAILED": "credentials",
    "PERMISSION_DENIED": "source_permission",
    "PERMISSION_NOT_FOUND": "source_permission",
    "SOURCE_API_LIMIT_EXCEEDED_FAILURE": "source_busy",
    "SOURCE_RESOURCE_LIMIT_EXCEEDED": "source_busy",
    "QUERY_TIMEOUT": "source_busy",
    "IOT_FILE_NOT_FOUND": "iot",
    "IOT_DATA_SET_FILE_EMPTY": "iot",
    "ELASTICSEARCH_CURSOR_NOT_ENABLED": "cursor",
    "CURSOR_NOT_ENABLED": "cursor",
    "INTERNAL_SERVICE_ERROR": "internal",
}

# QuickSight API reference, errors of "CreateIngestion" and "DescribeIngestion", as Step
# Functions names them after the dot; then what its SDK and Step Functions itself add.
GROUP_OF_API_ERROR: dict[str, str] = {
    "AccessDeniedException": "access_denied",
    "InvalidParameterValueException": "invalid_parameter",
    "ResourceNotFoundException": "not_found",
    "ThrottlingException": "throttled",
    "LimitExceededException": "limit_exceeded",
    "ResourceExistsException": "exists",
    "InternalFailureException": "internal",
    "SdkClientException": "no_answer",
    "Timeout": "no_answer",
}

# Base-class errors (DynamoDB.AmazonDynamoDBException …) tell only by their text what they are.
_DENIED = re.compile(r"AccessDenied|not authorized|explicit deny|UnauthorizedOperation")
_MISSING = re.compile(r"ResourceNotFound|DoesNotExist|NotFoundException")
_TEMPORARY = re.compile(
    r"Throttl|Throughput|LimitExceeded|TooManyRequests|ServiceUnavailable|InternalServer|"
    r"InternalFailure|InternalError|ServiceException|SdkClientException|Time(d)?[ -]?out",
    re.IGNORECASE,
)


def bare_name(error: str) -> str:
    """Return an error's name without its prefix (QuickSight.ThrottlingException → Throttling…)."""
    return error.rpartition(".")[2] or error


def dataset_advice(error: str, message: str) -> Advice:
    """Return the advice for a dataset that ended with `error`; any text gets a readable one."""
    name = bare_name(error)
    group = GROUP_OF_INGESTION_ERROR.get(error) or GROUP_OF_API_ERROR.get(name)
    if group is None and "." in error and _DENIED.search(message):
        group = "access_denied"
    if group is None:
        group = "step_other" if error.startswith("States.") else "other_error"
    return ADVICE[group]


def step_advice(error: str, message: str) -> Advice:
    """Return the advice for a step of the state machine that failed with `error`."""
    name = bare_name(error)
    if name == "UnrecognisedUploadError":
        return ADVICE["step_upload"]
    if name == "DataLimitExceeded":
        return ADVICE["step_too_much_data"]
    # An exception of our own code may say anything; a service's base class must be read.
    own_code = "." not in error or error.startswith("Runtime.")
    searched = name if own_code else f"{name} {message}"
    for group, pattern in (
        ("step_denied", _DENIED),
        ("step_not_found", _MISSING),
        ("step_temporary", _TEMPORARY),
    ):
        if pattern.search(searched):
            return ADVICE[group]
    function_failed = error and (own_code or error.startswith("Lambda."))
    return ADVICE["step_function" if function_failed else "step_other"]
