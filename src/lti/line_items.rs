//! Line items for tools (AGS 2.0, line item service): listed, made, changed and deleted. A tool sees those of its own links
//! and those that it made, and no other's are there for it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use examlink_lti::v1p3::ags::{LINE_ITEM, LINE_ITEM_CONTAINER, LineItem, LineItemFilter};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::id::ExamId;
use crate::domain::line_item::{Item, ItemContent, ItemName, NewLineItem};
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_urls;
use crate::domain::{Error, Result};
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Paging, Stop, broken, json_body, logged, next_page, paged, query_of, record, shown};
use crate::lti::problem::Problem;
use crate::store::{Tx, line_items};

/// Lists line items, or shows one.
pub struct ReadLineItems;

impl Call for ReadLineItems {
    const SCOPES: &'static [ToolScope] = &[ToolScope::LineItem, ToolScope::LineItemRead];
    const OPERATION: &'static str = "readLineItems";
}

/// Makes a line item.
pub struct CreateLineItem;

impl Call for CreateLineItem {
    const SCOPES: &'static [ToolScope] = &[ToolScope::LineItem];
    const OPERATION: &'static str = "createLineItem";
}

/// Changes a line item.
pub struct ReplaceLineItem;

impl Call for ReplaceLineItem {
    const SCOPES: &'static [ToolScope] = &[ToolScope::LineItem];
    const OPERATION: &'static str = "replaceLineItem";
}

/// Deletes a line item.
pub struct DeleteLineItem;

impl Call for DeleteLineItem {
    const SCOPES: &'static [ToolScope] = &[ToolScope::LineItem];
    const OPERATION: &'static str = "deleteLineItem";
}

/// Lists the line items of the tool in an exam that fit what is asked for.
#[get("/lti/1.3/exams/{exam}/line_items")]
pub async fn list_line_items(
    granted: Granted<ReadLineItems>,
    request: HttpRequest,
    exam: Path<i64>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let exam = ExamId(*exam);
    let listed = list(&granted, &request, exam, &app).await;
    logged(&app, &granted, About::exam(exam), json!({ "query": request.query_string() }), listed)
}

async fn list(
    granted: &Granted<ReadLineItems>,
    request: &HttpRequest,
    exam: ExamId,
    app: &App,
) -> Result<HttpResponse, Problem> {
    let reach = granted.reach;
    let query = query_of(request);
    let filter = LineItemFilter::parse(&query).map_err(broken)?;
    let paging = Paging::read(&query, filter.limit)?;
    let items = app.store.query(move |tx| line_items::within(tx, exam, reach)).await?;
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let mut rest = items.iter().filter(|item| item.fits(&filter)).skip(count(paging.after()));
    let origin = app.public_url.as_str();
    let page: Vec<Value> =
        rest.by_ref().take(count(paging.limit())).map(|item| item.shown(origin).to_value()).collect();
    let next = rest.next().map(|_| paging.after().saturating_add(paging.limit()));
    let next = next_page(&lti_urls::line_items(origin, exam), &query, next);
    Ok(paged(LINE_ITEM_CONTAINER, &json!(page), next.as_deref()))
}

/// Makes a line item beside those of the links. One that names a link must name one of the tool's in the exam.
#[post("/lti/1.3/exams/{exam}/line_items")]
pub async fn create_line_item(
    granted: Granted<CreateLineItem>,
    request: HttpRequest,
    exam: Path<i64>,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let exam = ExamId(*exam);
    let about = About::exam(exam);
    let asked = async {
        let item = LineItem::read(&json_body(&request, payload, LINE_ITEM).await?).map_err(broken)?;
        let content = ItemContent::read(&item)?;
        Ok::<_, Problem>((item.resource_link_id, content))
    };
    let (link, content) = match asked.await {
        Ok(asked) => asked,
        Err(problem) => return logged(&app, &granted, about, Value::Null, Err(problem)),
    };
    let said = json!({ "label": content.label, "resourceLinkId": link, "scoreMaximum": content.score_maximum });
    let create = move |tx: &mut Tx<'_>| {
        let item = create(tx, &granted, exam, link.as_deref(), &content).map_err(Stop::from);
        record(tx, &granted, about, (&said, StatusCode::CREATED), item)
    };
    let item = app.store.apply(create).await??;
    Ok(shown(StatusCode::CREATED, LINE_ITEM, &item.shown(app.public_url.as_str()).to_value()))
}

fn create(
    tx: &mut Tx<'_>,
    granted: &Granted<CreateLineItem>,
    exam: ExamId,
    link: Option<&str>,
    content: &ItemContent,
) -> Result<Item> {
    let reach = granted.reach;
    let exam = line_items::exam_within(tx, exam, reach)?;
    let resource = match link {
        None => None,
        Some(link) => Some(
            line_items::link_by_id(tx, exam.id, reach, link)?
                .ok_or_else(|| Error::not_found("resourceLinkId", link))?,
        ),
    };
    let new = NewLineItem {
        institute_id: exam.institute_id,
        exam_id: exam.id,
        tool_provider_id: reach.tool,
        tool_deployment_id: reach.deployment(),
        lti_resource_id: resource.as_ref().map(|resource| resource.id),
        content: content.clone(),
        created_at: granted.at,
        updated_at: granted.at,
    };
    let item = line_items::insert(tx, &new)?;
    Ok(Item::Own(item, resource.map(|resource| resource.lti_resource_link_id)))
}

/// Shows a line item.
#[get("/lti/1.3/exams/{exam}/line_items/{item}")]
pub async fn show_line_item(
    granted: Granted<ReadLineItems>,
    place: Path<(i64, String)>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (exam, reach) = (ExamId(place.0), granted.reach);
    let found = async {
        let name: ItemName = place.1.parse()?;
        let (_, item) = app.store.query(move |tx| line_items::get(tx, exam, reach, name)).await?;
        Ok::<_, Problem>(shown(StatusCode::OK, LINE_ITEM, &item.shown(app.public_url.as_str()).to_value()))
    };
    logged(&app, &granted, About::exam(exam), json!({ "line_item": place.1 }), found.await)
}

/// Replaces all that a line item says; its id and its link stay. What is not said is cleared.
#[put("/lti/1.3/exams/{exam}/line_items/{item}")]
pub async fn replace_line_item(
    granted: Granted<ReplaceLineItem>,
    request: HttpRequest,
    place: Path<(i64, String)>,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (exam, reach) = (ExamId(place.0), granted.reach);
    let about = About::exam(exam);
    let asked = async {
        let name: ItemName = place.1.parse()?;
        let new = LineItem::read(&json_body(&request, payload, LINE_ITEM).await?).map_err(broken)?;
        Ok::<_, Problem>((name, new))
    };
    let (name, new) = match asked.await {
        Ok(asked) => asked,
        Err(problem) => return logged(&app, &granted, about, json!({ "line_item": place.1 }), Err(problem)),
    };
    let said = json!({ "line_item": place.1, "label": new.label, "scoreMaximum": new.score_maximum });
    let origin = app.public_url.as_str().to_owned();
    let replace = move |tx: &mut Tx<'_>| {
        let done = line_items::get(tx, exam, reach, name).map_err(Stop::from).and_then(|(_, item)| {
            let whole = new.clone().replacing(&item.shown(&origin)).map_err(broken)?;
            Ok(line_items::replace(tx, item, ItemContent::read(&whole)?, granted.at)?)
        });
        record(tx, &granted, about, (&said, StatusCode::OK), done)
    };
    let item = app.store.apply(replace).await??;
    Ok(shown(StatusCode::OK, LINE_ITEM, &item.shown(app.public_url.as_str()).to_value()))
}

/// Deletes a line item that the tool made, with its scores. That of a link stays as long as the link does.
#[delete("/lti/1.3/exams/{exam}/line_items/{item}")]
pub async fn delete_line_item(
    granted: Granted<DeleteLineItem>,
    place: Path<(i64, String)>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (exam, reach) = (ExamId(place.0), granted.reach);
    let about = About::exam(exam);
    let name: ItemName = match place.1.parse() {
        Ok(name) => name,
        Err(error) => return logged(&app, &granted, about, json!({ "line_item": place.1 }), Err(Problem::from(error))),
    };
    let said = json!({ "line_item": place.1 });
    let delete = move |tx: &mut Tx<'_>| {
        let done = line_items::get(tx, exam, reach, name).map_err(Stop::from).and_then(|(_, item)| match item {
            Item::Own(item, _) => Ok(line_items::remove(tx, item.id)?),
            Item::Link(_) => {
                let detail =
                    "This line item is the grade of a link and stays with it; an author of the exam removes both.";
                Err(Problem::new(StatusCode::FORBIDDEN, "line_item_of_link", detail).into())
            }
        });
        record(tx, &granted, about, (&said, StatusCode::NO_CONTENT), done)
    };
    app.store.apply(delete).await??;
    Ok(HttpResponse::NoContent().finish())
}
