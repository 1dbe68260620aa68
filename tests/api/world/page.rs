//! Pages as a student's browser reads them, where no browser is needed.

use super::client::http;
use super::{Reply, World};
use serde_json::Value;

/// A form with its hidden fields.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl World {
    /// A page of this server.
    pub fn page(&self, path: &str) -> Reply {
        http().get(format!("{}{path}", self.origin())).send().unwrap().into()
    }

    /// Presses a button of a page.
    pub fn press(&self, path: &str) -> Reply {
        http().post(format!("{}{path}", self.origin())).send().unwrap().into()
    }

    /// Starts the exam of a session and gives the path of its page.
    pub fn started(&self, session: &Value) -> String {
        let home = format!("/sessions/{}", session["token"].as_str().unwrap());
        assert_eq!(self.press(&format!("{home}/start")).status, 303);
        home
    }

    /// The form that launches a resource.
    pub fn launch_form(&self, home: &str, resource: &Value) -> Form {
        let page = self.page(&format!("{home}/launch/{}", resource["id"]));
        assert_eq!(page.status, 200, "{}", page.text);
        Form::read(&page.text)
    }
}

impl Form {
    /// Reads the first form of a page.
    pub fn read(page: &str) -> Self {
        let after = |text: &str, mark: &str| text.split_once(mark).map(|(_, rest)| rest.to_owned());
        let value = |text: &str| unescape(text.split('"').next().unwrap());
        let form = after(page, "<form").expect("the page has a form");
        let action = value(&after(&form, "action=\"").unwrap());
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |input: &str| (value(input), value(&after(input, "value=\"").unwrap()));
        Self { action, fields: inputs.map(field).collect() }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Submits the form as a browser does.
    pub fn submit(&self) -> Reply {
        post_form(&self.action, &self.fields, "")
    }
}

/// Posts a form as a browser with a cookie does.
pub fn post_form(url: &str, fields: &[(String, String)], cookie: &str) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = http().post(url).header("Content-Type", "application/x-www-form-urlencoded");
    let request = if cookie.is_empty() { request } else { request.header("Cookie", cookie) };
    request.body(body).send().unwrap().into()
}

fn unescape(text: &str) -> String {
    let entities = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// Scripts and styles that stand in a page itself: none of our pages has any.
pub fn shown_scripts(page: &str) -> Vec<String> {
    let tags = page.split('<').filter(|tag| !tag.starts_with('/')).map(|tag| tag.split('>').next().unwrap());
    let inline = |tag: &&str| {
        let name = tag.split([' ', '>']).next().unwrap().to_lowercase();
        (name == "script" && !tag.contains(" src="))
            || name == "style"
            || tag.contains(" style=")
            || tag.contains(" on")
    };
    tags.filter(inline).map(ToOwned::to_owned).collect()
}
